# Four images, each a target: predictor (the default), service, train and mlflow. docs/install.md says how to build them.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS source
WORKDIR /source
# The versions that the tests ran with, for pip's --constraint: the lock file without its hashes.
COPY requirements.lock ./
RUN sed -n 's/^\([A-Za-z0-9].*[^ \\]\) *\\$/\1/p' requirements.lock > constraints.txt
RUN python -m venv /opt/dateline
COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE train.py ./
COPY pipeline pipeline
COPY configs configs
COPY data data

FROM source AS built-predictor
RUN /opt/dateline/bin/pip install --no-cache-dir --constraint constraints.txt '.'

FROM source AS built-service
RUN /opt/dateline/bin/pip install --no-cache-dir --constraint constraints.txt '.[serve,languages]'

FROM source AS built-train
RUN /opt/dateline/bin/pip install --no-cache-dir --constraint constraints.txt '.[all]'

FROM source AS built-mlflow
RUN /opt/dateline/bin/pip install --no-cache-dir --constraint constraints.txt mlflow

FROM python:${PYTHON}-slim AS base
RUN useradd --uid 10001 --create-home --home-dir /work dateline && install -d -o dateline /store /work/models /work/data
ENV PATH=/opt/dateline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 10001

FROM base AS mlflow
COPY --from=built-mlflow /opt/dateline /opt/dateline
ENV MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5000/health', timeout=4)"]
CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--backend-store-uri", "sqlite:////store/mlflow.db", "--artifacts-destination", "/store/artifacts", "--allowed-hosts", "mlflow,mlflow:5000,localhost,localhost:5000,127.0.0.1,127.0.0.1:5000"]

FROM base AS train
COPY --from=built-train /opt/dateline /opt/dateline
ENTRYPOINT ["dateline"]
CMD ["train"]

FROM base AS service
COPY --from=built-service /opt/dateline /opt/dateline
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["dateline"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM base AS predictor
COPY --from=built-predictor /opt/dateline /opt/dateline
ENTRYPOINT ["dateline"]
CMD ["--help"]
