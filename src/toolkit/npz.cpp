// SPDX-License-Identifier: Apache-2.0
#include <zip.h>

#include <memory>
#include <string>
#include <string_view>

#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

/// Deflate cannot shrink by more than this, so a larger claim is a lie about the size.
constexpr uint64_t kMaxDeflateRatio = 1040;

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Entry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

Archive open_archive(const std::filesystem::path& path) {
  open_file(path);  // has the better words for what is no file
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    throw InvalidArgumentError(path.string() + ": not an .npz file: " + text);
  }
  return archive;
}

/// Checks what the directory says of an entry before anything is read or allocated for it.
uint64_t checked_size(const zip_stat_t& stat, const std::string& label) {
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((stat.valid & kNeeded) != kNeeded) throw InvalidArgumentError(label + ": size is not given");
  if (stat.encryption_method != ZIP_EM_NONE) throw InvalidArgumentError(label + ": is encrypted");
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    throw InvalidArgumentError(label + ": compression method " + std::to_string(stat.comp_method) +
                               " is not one of NumPy's (stored, deflated)");
  }
  const bool possible = stat.comp_method == ZIP_CM_STORE
                            ? stat.size == stat.comp_size
                            : stat.size / kMaxDeflateRatio <= stat.comp_size;
  if (!possible) {
    throw InvalidArgumentError(label + ": " + std::to_string(stat.comp_size) +
                               " bytes cannot unpack to the " + std::to_string(stat.size) +
                               " that the archive claims");
  }
  return stat.size;
}

Tensor read_entry(zip_t* archive, zip_uint64_t index, const zip_stat_t& stat,
                  const std::string& label) {
  const uint64_t size = checked_size(stat, label);
  const Entry entry(zip_fopen_index(archive, index, 0), &zip_fclose);
  if (!entry) throw InvalidArgumentError(label + ": " + zip_strerror(archive));
  const auto fail = [&] {
    const std::string text = zip_file_strerror(entry.get());
    throw InvalidArgumentError(label + ": cannot be unpacked: " + text);
  };
  const auto read = [&](void* to, size_t count) {
    auto* next = static_cast<char*>(to);
    while (count > 0) {
      const zip_int64_t got = zip_fread(entry.get(), next, count);
      if (got < 0) fail();
      if (got == 0) throw InvalidArgumentError(label + ": is cut off");
      next += got;
      count -= static_cast<size_t>(got);
    }
  };
  Tensor tensor = read_npy(ByteSource{label, size, read});
  // The checksum is compared when the end is read.
  char beyond = 0;
  if (zip_fread(entry.get(), &beyond, 1) != 0) fail();
  return tensor;
}

}  // namespace

NamedTensors read_npz(const std::filesystem::path& path) {
  const Archive archive = open_archive(path);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  NamedTensors tensors;
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat_index(archive.get(), i, 0, &stat) != 0 || stat.name == nullptr) {
      throw InvalidArgumentError(path.string() + ": " + zip_strerror(archive.get()));
    }
    std::string name = stat.name;
    const std::string label = path.string() + ", array '" + name + "'";
    if (!name.ends_with(".npy")) throw InvalidArgumentError(label + ": not an .npy entry");
    name.resize(name.size() - std::string_view(".npy").size());
    if (tensors.contains(name)) throw InvalidArgumentError(label + ": is there twice");
    tensors.set(name, read_entry(archive.get(), i, stat, label));
  }
  return tensors;
}

}  // namespace xpuruntime::toolkit
