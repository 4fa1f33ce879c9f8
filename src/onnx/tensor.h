// SPDX-License-Identifier: Apache-2.0
/// A tensor as an ONNX file holds it: dtype, shape and dense bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onnx/error.h"

namespace xpuruntime::onnx {

/// Element types, with the numbers of TensorProto.DataType.
enum class DType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8e4m3fn = 17,
  kFloat8e4m3fnuz = 18,
  kFloat8e5m2 = 19,
  kFloat8e5m2fnuz = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4e2m1 = 23,
  kFloat8e8m0 = 24,
  kUint2 = 25,
  kInt2 = 26,
  kFloat6e2m3 = 27,
  kFloat6e3m2 = 28,
};

/// "float32", "int64", "bfloat16"; "dtype 99" for a number that ONNX has not given away.
std::string dtype_name(DType dtype);

/// Bits of one element; 0 for strings and for numbers that ONNX has not given away.
int bit_width(DType dtype);

/// Elements of a tensor of that shape; nothing when a dimension is negative or the count is beyond
/// 2^63 - 1.
std::optional<uint64_t> element_count(std::span<const int64_t> shape);

/// Bytes of that many elements, packed as TensorProto.raw_data has them (elements below a byte lie
/// low bits first); nothing for strings, unknown dtypes, and counts beyond 2^63 - 1 bytes.
std::optional<uint64_t> byte_count(DType dtype, uint64_t elements);
std::optional<uint64_t> byte_count(DType dtype, std::span<const int64_t> shape);

/// "[1, 3, 224, 224]"
std::string shape_text(std::span<const int64_t> shape);

/// Owns its bytes. The shape always agrees with the data, except where data was left out
/// (ReadOptions::weights).
struct Tensor {
  std::string name;
  DType dtype = DType::kUndefined;
  std::vector<int64_t> shape;
  std::string bytes;                 ///< little-endian, row-major, aligned to 8; empty for strings
  std::vector<std::string> strings;  ///< of a kString tensor
};

/// Reads a serialized TensorProto, as the `.pb` files of ONNX's test data are. `label` names the
/// source in messages. Throws ParseError.
Tensor read_tensor(std::span<const std::byte> bytes, const std::string& label = "tensor");
/// The same from a file. Throws FileError when it cannot be opened.
Tensor read_tensor(const std::filesystem::path& path);
/// The inverse: a TensorProto with raw data, or with strings.
std::string serialize_tensor(const Tensor& tensor);

}  // namespace xpuruntime::onnx
