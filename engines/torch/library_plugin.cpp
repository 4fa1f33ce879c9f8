// SPDX-License-Identifier: Apache-2.0
#include "torch_engine.h"
#include "xpuruntime/engine/export.h"

XPURT_EXPORT_ENGINE(xpuruntime::torch_engine::TorchEngine);
