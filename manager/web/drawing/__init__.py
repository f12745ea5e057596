"""What all pages are drawn with: templates, icons, graphs, words for values, forms."""
