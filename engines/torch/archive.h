// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace caffe2::serialize {
class PyTorchStreamReader;
}

namespace xpuruntime::torch_engine {

/// What one of torch's files holds.
enum class Content { kTorchScript, kAotPackage };

/// A file of torch's, which is a zip file, or its bytes.
class Archive {
 public:
  /// Throws MODEL_NOT_FOUND, and INVALID_ARGUMENT or UNSUPPORTED_OPERATION for what is no model
  /// that this engine runs: with what it is, and which way to go.
  explicit Archive(const engine::LoadArgs& args);
  ~Archive();

  Content content() const noexcept { return content_; }
  /// The whole file, from its beginning.
  std::istream& stream();
  bool has(const std::string& record) const;
  /// Models of a package of AOTInductor.
  const std::vector<std::string>& models() const noexcept { return models_; }
  /// What the package's compiler noted of a model: JSON; empty where there is nothing.
  std::string metadata_of(const std::string& model);
  /// Writes all files of the archive below `folder`.
  void unpack(const std::filesystem::path& folder);

 private:
  void find_content();
  [[noreturn]] void refuse_checkpoint() const;

  std::string name_;
  std::unique_ptr<std::streambuf> buffer_;
  std::unique_ptr<std::istream> stream_;
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> reader_;
  std::vector<std::string> records_;
  std::vector<std::string> models_;
  Content content_ = Content::kTorchScript;
};

}  // namespace xpuruntime::torch_engine
