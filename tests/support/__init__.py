"""What tests are built from: articles, projects, trained models, commands, servers, clusters, disks."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported: each of the test processes has one core
