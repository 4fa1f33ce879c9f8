// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks what libxpuruntime exports; all else in it is hidden.
#define XPURT_API __attribute__((visibility("default")))
