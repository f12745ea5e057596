"""What a serving Manager does by itself: each module here has ``async def run(services)``.

They are started with the application and cancelled when it stops. What blocks (the database
does) belongs into ``asyncio.to_thread``.
"""
