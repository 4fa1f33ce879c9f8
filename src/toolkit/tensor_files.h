// SPDX-License-Identifier: Apache-2.0
/// Tensors in files: NumPy's .npy and .npz, ONNX's .pb.
/// Reading throws InvalidArgumentError, naming the file, when it is missing, malformed, or holds
/// what tensors do not; its sizes are checked before memory is taken.
#pragma once

#include <filesystem>

#include "toolkit/byte_source.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// One array. Big-endian and Fortran-ordered ones are converted; a two-byte void ('<V2', as
/// ml_dtypes writes it) is bfloat16.
Tensor read_npy(const std::filesystem::path& path);
Tensor read_npy(const ByteSource& source);

/// Arrays by name, in the order of the archive; stored or deflated.
NamedTensors read_npz(const std::filesystem::path& path);

/// A serialized TensorProto, as ONNX's test data has it.
Tensor read_pb(const std::filesystem::path& path);

/// Writes the same, whole or not at all (see write_file_atomically).
/// Throws InvalidArgumentError, UnavailableError (disk full).
void write_pb(const std::filesystem::path& path, const Tensor& tensor);

/// Can an .npy file hold it? A .pb file holds every type.
bool fits_npy(DType dtype) noexcept;
/// Writes one array, whole or not at all (see write_file_atomically), in version 1.0 of the format.
/// Throws InvalidArgumentError, UnavailableError (disk full).
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace xpuruntime::toolkit
