// SPDX-License-Identifier: Apache-2.0
#include "executorch_engine.h"
#include "xpuruntime/engine/export.h"

XPURT_EXPORT_ENGINE(xpuruntime::executorch_engine::ExecuTorchEngine);
