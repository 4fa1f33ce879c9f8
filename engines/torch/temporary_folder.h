// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// A new folder in $TMPDIR, gone with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string name =
        (std::filesystem::temp_directory_path(error) / "xpurt_torch_XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) {
      throw engine::Failure(XPURT_UNAVAILABLE,
                            "no folder can be made for a package's files; is TMPDIR a folder that "
                            "may be written to?");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace xpuruntime::torch_engine
