// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source.h"

namespace xpuruntime::openvino {

/// What is saved of a compiled model besides OpenVINO's own blob, which does not have it.
struct SavedNotes {
  std::vector<std::string> output_names;
  ModelNotes notes;
  bool is_stateful = false;
};

/// What stands before a blob of `blob_size` bytes: one line of JSON, of a multiple of 64 bytes.
std::string write_blob_header(const SavedNotes& saved, size_t blob_size);

/// Reads that line, and leaves the blob in `bytes`. Throws XPURT_INVALID_ARGUMENT for bytes that
/// are no saved model or not all of one, XPURT_MODEL_MISMATCH for those of another OpenVINO.
SavedNotes read_blob_header(std::string_view& bytes);

}  // namespace xpuruntime::openvino
