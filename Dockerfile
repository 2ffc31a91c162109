# One image for web, worker, beat and the migration job; docker-compose.yml says which command each runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PARKPARTY_VAR=/var/lib/parkparty

RUN useradd --uid 10001 --create-home parkparty \
    && install -d -o parkparty -g parkparty /var/lib/parkparty /app
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt

COPY . .
# Static files get their hashed names while the image is built; the keys this makes are thrown away with its directory.
RUN PARKPARTY_VAR=/tmp/build python manage.py collectstatic --noinput && rm -rf /tmp/build

USER parkparty
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "parkparty.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--workers", "3", "--threads", "4", "--timeout", "120", "--no-control-socket"]
