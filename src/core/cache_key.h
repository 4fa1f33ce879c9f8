// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "load_request.h"
#include "loaded_engine.h"

namespace xpuruntime {

/// What a compiled model depends on, all of it, and a hash over that.
struct CacheKey {
  std::string parts;  ///< JSON in one form: equal parts are equal texts
  std::string hash;   ///< SHA-256 of the parts, in hexadecimal
};

/// Reads all of the model. Throws UnavailableError (a file that it reads cannot be read),
/// InvalidArgumentError (it is not known which files it reads), and what the engine's fingerprint
/// fails with.
CacheKey cache_key_of(const LoadedEngine& engine, const LoadRequest& request);

}  // namespace xpuruntime
