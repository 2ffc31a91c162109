"""记录本: the records of a branch and a year, bound as a printed page, a Word document or a PDF, and the 签到表."""
