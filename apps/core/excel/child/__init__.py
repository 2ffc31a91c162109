"""What runs in the child process that opens an uploaded file: standard library only, no Django.

The file comes in on standard input, one JSON document goes out on standard output. The process lowers its
own limits first, so that whatever a hostile file does to it, only this process ends.
"""
