// SPDX-License-Identifier: Apache-2.0
#include "openvino_engine.h"
#include "xpuruntime/engine/export.h"

XPURT_EXPORT_ENGINE(xpuruntime::openvino::OpenVinoEngine);
