// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "archive.h"
#include "model_notes/model_notes.h"
#include "options.h"

namespace xpuruntime::torch_engine {

/// What a program is made of, during a load.
struct Source {
  Archive& archive;
  std::string name;                      ///< how errors call it
  const model_notes::ModelNotes* notes;  ///< of a converter; null: none
  const Options& options;
  at::Device device;
};

}  // namespace xpuruntime::torch_engine
