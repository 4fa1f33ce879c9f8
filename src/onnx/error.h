// SPDX-License-Identifier: Apache-2.0
/// How reading fails.
#pragma once

#include <stdexcept>

namespace xpuruntime::onnx {

/// What was read is not what ONNX says it must be; the text names the file and the part of it.
class ParseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The file, or one that it refers to, is not there or cannot be opened.
class FileError : public ParseError {
 public:
  using ParseError::ParseError;
};

}  // namespace xpuruntime::onnx
