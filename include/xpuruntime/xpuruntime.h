// SPDX-License-Identifier: Apache-2.0
/// All of the public API.
#pragma once

#include "xpuruntime/device.h"
#include "xpuruntime/dtype.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"
#include "xpuruntime/io_binding.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/shape.h"
#include "xpuruntime/tensor.h"
#include "xpuruntime/version.h"
