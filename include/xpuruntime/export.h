// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks what libxpuruntime and libxpuruntime_toolkit export; all else in them is hidden.
#define XPURT_API __attribute__((visibility("default")))
