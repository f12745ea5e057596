"""What every other package stands on: failures, secrets, programs, files, the image manifest.

Nothing here knows what a host, an installer or an image build is, and nothing here imports
another package of this project.
"""
