"""What every Python process that a test starts runs first."""

import os
from pathlib import Path

import network_guard  # this folder stands first on the path

if network_guard.TOLD in os.environ:
    network_guard.stand(Path(os.environ[network_guard.TOLD]))
