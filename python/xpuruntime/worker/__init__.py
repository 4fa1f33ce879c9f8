# SPDX-License-Identifier: Apache-2.0
"""Runs models that only Python can run, for another process (docs/worker_protocol.md).

It needs NumPy, and what the model needs; nothing of the rest of xpuruntime, so that it can be
started by any interpreter: ``python .../xpuruntime/worker --transport ...``.
"""
