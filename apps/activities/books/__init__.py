"""Record books: records bound by branch, kind and year, as page, docx and PDF."""
