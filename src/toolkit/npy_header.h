// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "toolkit/byte_source.h"
#include "xpuruntime/dtype.h"
#include "xpuruntime/shape.h"

namespace xpuruntime::toolkit {

/// What the header of an .npy file says: numpy.lib.format, versions 1.0, 2.0 and 3.0.
struct NpyHeader {
  DType dtype = DType::kUndefined;
  bool swapped = false;        ///< the elements are big-endian
  bool fortran_order = false;  ///< the first dimension is the fastest
  std::vector<int64_t> shape;
  uint64_t byte_size = 0;  ///< of the header, from the start of the file
};

/// Reads it and leaves `source` at the first element.
/// Throws InvalidArgumentError: not .npy, malformed, an element type that tensors do not hold.
NpyHeader read_npy_header(const ByteSource& source);

/// The header for a row-major, little-endian array. bfloat16 is described as ml_dtypes does
/// ('<V2').
std::string make_npy_header(DType dtype, const Shape& shape);

}  // namespace xpuruntime::toolkit
