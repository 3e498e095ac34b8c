# syntax=docker/dockerfile:1
# One image for web, workers and timers: what it does is the command it is given. Linted, not built: see deploy/README.md.
#
# The base is pinned by version, not by digest: a digest can only be looked up at a registry. Whoever builds this for
# production writes it behind the version (python:3.11.14-slim-bookworm@sha256:…), in the one line below.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /src
# Without pip inside: the finished environment can install nothing.
RUN python -m venv --without-pip /opt/casewright
# llm: with what a language model is spoken to.
ARG PARTS=base
COPY requirements/base.txt requirements/llm.txt requirements/
# Wheels only, each held against its hash: nothing is compiled here, so no compiler is needed.
RUN pip --python /opt/casewright/bin/python install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: --requirement "requirements/${PARTS}.txt"
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY pipelines pipelines
COPY models models
COPY cases cases
COPY configs configs
RUN pip --python /opt/casewright/bin/python install --no-cache-dir --disable-pip-version-check \
    --no-deps --no-build-isolation .

FROM python:${PYTHON}
# A number, so that Kubernetes can see that it is not root.
RUN groupadd --gid 10001 casewright \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/casewright --shell /usr/sbin/nologin casewright \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/casewright
COPY --from=build /opt/casewright /opt/casewright
# One BLAS thread a process: work is spread over processes. Nothing is written beside the code, so that the root file
# system may be read-only; only CASEWRIGHT_HOME and /tmp are written to.
ENV PATH=/opt/casewright/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    CASEWRIGHT_HOME=/var/lib/casewright
WORKDIR /var/lib/casewright
VOLUME /var/lib/casewright
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of the web; workers and timers listen on no port, so those who run them switch it off.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["casewright"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
