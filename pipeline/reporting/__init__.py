"""What a training or a corpus looks like: tables, pictures, pages, the model card."""
