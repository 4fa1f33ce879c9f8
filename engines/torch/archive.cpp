// SPDX-License-Identifier: Apache-2.0
#include "archive.h"

#include <caffe2/serialize/inline_container.h>

#include <algorithm>
#include <fstream>
#include <streambuf>
#include <string_view>
#include <system_error>

#include "status.h"

namespace xpuruntime::torch_engine {
namespace {

namespace fs = std::filesystem;
using caffe2::serialize::PyTorchStreamReader;
using engine::Failure;

constexpr std::string_view kModelsFolder = "data/aotinductor/";

/// Reads memory of others.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::span<const std::byte> bytes) {
    char* const begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(begin, begin, begin + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const char* const base = from == std::ios_base::beg   ? eback()
                             : from == std::ios_base::cur ? gptr()
                                                          : egptr();
    const off_type to = base - eback() + offset;
    if (to < 0 || to > egptr() - eback()) return pos_type(off_type(-1));
    setg(eback(), eback() + to, egptr());
    return to;
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode which) override {
    return seekoff(off_type(to), std::ios_base::beg, which);
  }
};

std::unique_ptr<std::streambuf> open_source(const engine::LoadArgs& args) {
  if (args.source() == XPURT_SOURCE_BYTES) return std::make_unique<MemoryBuffer>(args.bytes());
  auto file = std::make_unique<std::filebuf>();
  if (file->open(args.path(), std::ios_base::in | std::ios_base::binary) == nullptr) {
    throw Failure(XPURT_MODEL_NOT_FOUND, "there is no model file " + args.path());
  }
  return file;
}

bool is_inside(const fs::path& name) {
  return name.is_relative() && std::ranges::find(name, fs::path("..")) == name.end();
}

}  // namespace

Archive::Archive(const engine::LoadArgs& args)
    : name_(args.name()),
      buffer_(open_source(args)),
      stream_(std::make_unique<std::istream>(buffer_.get())) {
  char magic[2] = {};
  stream_->read(magic, sizeof(magic));
  // The form of torch.save before 1.6: a bare pickle.
  if (magic[0] == '\x80' && magic[1] > 0 && magic[1] < 6) refuse_checkpoint();
  if (magic[0] != 'P' || magic[1] != 'K') {
    throw Failure(XPURT_INVALID_ARGUMENT, name_ + " is no file of torch's: it is no zip file");
  }
  stream();
  checked(XPURT_INVALID_ARGUMENT, name_, [&] {
    reader_ = std::make_unique<PyTorchStreamReader>(stream_.get());
    records_ = reader_->getAllRecords();
  });
  find_content();
}

Archive::~Archive() = default;

std::istream& Archive::stream() {
  stream_->clear();
  stream_->seekg(0);
  return *stream_;
}

bool Archive::has(const std::string& record) const {
  return std::ranges::find(records_, record) != records_.end();
}

void Archive::find_content() {
  const auto has_any = [&](std::string_view begin) {
    return std::ranges::any_of(records_,
                               [&](const std::string& each) { return each.starts_with(begin); });
  };
  for (const std::string& record : records_) {
    if (!record.starts_with(kModelsFolder)) continue;
    const size_t end = record.find('/', kModelsFolder.size());
    if (end == record.npos) continue;
    const std::string model = record.substr(kModelsFolder.size(), end - kModelsFolder.size());
    if (std::ranges::find(models_, model) == models_.end()) models_.push_back(model);
  }
  if (!models_.empty()) {
    content_ = Content::kAotPackage;
  } else if (has_any("code/") && has("constants.pkl")) {
    content_ = Content::kTorchScript;
  } else if (has_any("models/") || has_any("serialized_exported_program")) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  name_ +
                      " is what torch.export.save wrote, which only Python runs. Compile it into a "
                      "package: torch._inductor.aoti_compile_and_package(torch.export.load(\"" +
                      name_ + "\"), package_path=\"compiled.pt2\")");
  } else if (has("data.pkl")) {
    refuse_checkpoint();
  } else {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  name_ + " is a zip file, but neither TorchScript nor a package of AOTInductor");
  }
}

void Archive::refuse_checkpoint() const {
  throw Failure(XPURT_UNSUPPORTED_OPERATION,
                name_ +
                    " is what torch.save wrote: weights, or a pickled object, without the code "
                    "that runs them. Give it to engine 'python' with a model_factory that builds "
                    "the module, or save it with torch.jit.save or "
                    "torch._inductor.aoti_compile_and_package");
}

std::string Archive::metadata_of(const std::string& model) {
  const std::string folder = std::string(kModelsFolder) + model + "/";
  for (const std::string& record : records_) {
    if (!record.starts_with(folder) || !record.ends_with("wrapper_metadata.json")) continue;
    return checked(XPURT_INVALID_ARGUMENT, name_, [&] {
      const auto [data, size] = reader_->getRecord(record);
      return std::string(static_cast<const char*>(data.get()), size);
    });
  }
  return {};
}

void Archive::unpack(const fs::path& folder) {
  checked(XPURT_INVALID_ARGUMENT, name_, [&] {
    for (const std::string& record : records_) {
      if (!is_inside(record)) {
        throw Failure(XPURT_INVALID_ARGUMENT, name_ + " names a file outside of itself: " + record);
      }
      const fs::path file = folder / record;
      fs::create_directories(file.parent_path());
      const auto [data, size] = reader_->getRecord(record);
      std::ofstream out(file, std::ios_base::binary);
      out.write(static_cast<const char*>(data.get()), static_cast<std::streamsize>(size));
      out.close();
      if (!out) {
        throw Failure(XPURT_UNAVAILABLE, name_ + " cannot be unpacked: writing " + file.string() +
                                             " failed; is the folder (TMPDIR) full?");
      }
    }
  });
}

}  // namespace xpuruntime::torch_engine
