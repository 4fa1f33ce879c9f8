# SPDX-License-Identifier: Apache-2.0
import os
import time

import numpy as np
import pytest
from support import FAKE_ENGINE, fake_model

import xpuruntime as xrt
