// SPDX-License-Identifier: Apache-2.0
/// All of the public API.
#pragma once

#include "xpuruntime/batch.h"
#include "xpuruntime/device.h"
#include "xpuruntime/dtype.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"
#include "xpuruntime/io_binding.h"
#include "xpuruntime/job.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/profiler.h"
#include "xpuruntime/report.h"
#include "xpuruntime/run_options.h"
#include "xpuruntime/session.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/shape.h"
#include "xpuruntime/statistics.h"
#include "xpuruntime/stream.h"
#include "xpuruntime/tensor.h"
#include "xpuruntime/version.h"
