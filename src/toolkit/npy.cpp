// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "toolkit/atomic_file.h"
#include "toolkit/npy_header.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

std::optional<uint64_t> byte_count(std::span<const int64_t> shape, size_t element_bytes) {
  // A dimension of 0 makes the others harmless, however large they are.
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  uint64_t bytes = element_bytes;
  for (const int64_t dim : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim), &bytes)) return std::nullopt;
  }
  return bytes;
}

void swap_bytes(std::span<std::byte> data, size_t element_bytes) {
  for (size_t i = 0; i < data.size(); i += element_bytes) {
    std::reverse(&data[i], &data[i] + element_bytes);
  }
}

/// Copies a column-major array into row-major order.
void transpose(const std::byte* from, std::byte* to, const Shape& shape, size_t element_bytes) {
  const size_t rank = shape.rank();
  std::vector<size_t> strides(rank), index(rank, 0);
  size_t stride = element_bytes;
  for (size_t i = 0; i < rank; ++i) {
    strides[i] = stride;
    stride *= static_cast<size_t>(shape[i]);
  }
  size_t offset = 0;
  const auto count = static_cast<size_t>(shape.element_count());
  for (size_t element = 0; element < count; ++element) {
    std::memcpy(to + element * element_bytes, from + offset, element_bytes);
    for (size_t i = rank; i-- > 0;) {
      offset += strides[i];
      if (++index[i] < static_cast<size_t>(shape[i])) break;
      offset -= strides[i] * index[i];
      index[i] = 0;
    }
  }
}

std::span<std::byte> bytes_of(Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.mutable_data()), tensor.byte_size()};
}

}  // namespace

Tensor read_npy(const ByteSource& source) {
  const NpyHeader header = read_npy_header(source);
  const size_t element_bytes = element_bits(header.dtype) / 8;
  const Shape shape{std::span<const int64_t>(header.shape)};
  const uint64_t held = source.size - header.byte_size;
  const auto needed = byte_count(header.shape, element_bytes);
  if (needed != held) {
    throw InvalidArgumentError(source.label + ": " + std::string(dtype_name(header.dtype)) +
                               to_string(shape) + " takes " +
                               (needed ? std::to_string(*needed) : std::string("more than 2^64")) +
                               " bytes, but the file holds " + std::to_string(held));
  }

  Tensor tensor(header.dtype, shape);
  source.read(tensor.mutable_data(), tensor.byte_size());
  if (header.swapped) swap_bytes(bytes_of(tensor), element_bytes);
  if (header.dtype == DType::kBool) {
    // Any byte but 0 and 1 would be no bool of C++.
    for (std::byte& value : bytes_of(tensor)) value = std::byte{value != std::byte{0}};
  }
  if (!header.fortran_order || shape.rank() < 2) return tensor;
  Tensor row_major(header.dtype, shape);
  transpose(static_cast<const std::byte*>(tensor.data()), bytes_of(row_major).data(), shape,
            element_bytes);
  return row_major;
}

Tensor read_npy(const std::filesystem::path& path) { return read_npy(open_file(path)); }

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  const std::string header = make_npy_header(tensor.dtype(), tensor.shape());
  write_file_atomically(path, {std::as_bytes(std::span(header)),
                               {static_cast<const std::byte*>(tensor.data()), tensor.byte_size()}});
}

}  // namespace xpuruntime::toolkit
