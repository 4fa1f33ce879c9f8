// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <cstdint>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::onnxrt {

// ONNX Runtime counts element types as ONNX does up to float4e2m1, and from there in an order of
// its own: uint2, int2, float8e8m0 (seen with 1.31.1; older ones have none of the three).

constexpr int32_t dtype_of(ONNXTensorElementDataType type) {
  switch (static_cast<int>(type)) {
    case 24:
      return XPURT_UINT2;
    case 25:
      return XPURT_INT2;
    case 26:
      return XPURT_FLOAT8E8M0;
    default:
      return static_cast<int32_t>(type);
  }
}

constexpr ONNXTensorElementDataType element_type_of(int32_t dtype) {
  switch (dtype) {
    case XPURT_UINT2:
      return static_cast<ONNXTensorElementDataType>(24);
    case XPURT_INT2:
      return static_cast<ONNXTensorElementDataType>(25);
    case XPURT_FLOAT8E8M0:
      return static_cast<ONNXTensorElementDataType>(26);
    default:
      return static_cast<ONNXTensorElementDataType>(dtype);
  }
}

}  // namespace xpuruntime::onnxrt
