# SPDX-License-Identifier: Apache-2.0
"""Converts models: loads the source, runs it on samples, and exports it; docs/conversion.md.

Who asked holds the result against what the samples gave; nothing here judges it.
"""
