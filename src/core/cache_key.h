// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "load_request.h"
#include "loaded_engine.h"
#include "model_content.h"

namespace xpuruntime {

/// What a compiled model depends on, all of it, and a hash over that.
struct CacheKey {
  std::string parts;   ///< JSON in one form: equal parts are equal texts
  std::string hash;    ///< SHA-256 of the parts, in hexadecimal
  FileStamps files{};  ///< that were read, as they were then

  /// Throws UnavailableError when a file is not what was read any more: then nobody knows which of
  /// both an engine has read meanwhile.
  void check_files() const;
};

/// Reads all of the model. Throws UnavailableError and ModelNotFoundError (a file that it reads),
/// InvalidArgumentError (it is not known which files it reads, or an option is no UTF-8), and what
/// the engine's fingerprint fails with.
CacheKey cache_key_of(const LoadedEngine& engine, const LoadRequest& request);

}  // namespace xpuruntime
