// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

#include "onnx/schema.h"

namespace xpuruntime::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "bytes are used as files have them");

/// Says where in which tensor reading failed.
class TensorReader {
 public:
  TensorReader(::onnx::TensorProto& proto, TensorSource& source) : proto_(proto), source_(source) {}

  Tensor read() {
    tensor_.name = proto_.name();
    tensor_.dtype = static_cast<DType>(proto_.data_type());
    tensor_.shape.assign(proto_.dims().begin(), proto_.dims().end());
    if (proto_.has_segment()) fail("data in segments is not supported");
    const auto elements = element_count(tensor_.shape);
    if (!elements) fail("a dimension is negative, or the shape is too large");
    if (tensor_.dtype == DType::kString) {
      read_strings(*elements);
      return std::move(tensor_);
    }
    if (bit_width(tensor_.dtype) == 0) fail("no such dtype is known");
    const auto bytes = byte_count(tensor_.dtype, *elements);
    if (!bytes) fail("the shape is too large");
    if (proto_.data_location() == ::onnx::TensorProto::EXTERNAL) {
      read_external(*bytes);
    } else if (proto_.has_raw_data()) {
      expect(proto_.raw_data().size(), *bytes, "bytes of raw_data");
      if (source_.weights) tensor_.bytes = std::move(*proto_.mutable_raw_data());
    } else {
      read_typed(*elements, *bytes);
    }
    return std::move(tensor_);
  }

 private:
  [[noreturn]] void fail(const std::string& text) const {
    throw ParseError(source_.label + ": tensor '" + tensor_.name + "' (" +
                     dtype_name(tensor_.dtype) + " " + shape_text(tensor_.shape) + "): " + text);
  }

  void expect(uint64_t got, uint64_t needed, const char* what) const {
    if (got != needed) {
      fail(std::to_string(got) + " " + what + " where the shape needs " + std::to_string(needed));
    }
  }

  void read_strings(uint64_t elements) {
    expect(static_cast<uint64_t>(proto_.string_data_size()), elements, "strings");
    if (!source_.weights) return;
    for (std::string& text : *proto_.mutable_string_data()) {
      tensor_.strings.push_back(std::move(text));
    }
  }

  /// The fields beside raw_data: which one holds a dtype is said at TensorProto.
  void read_typed(uint64_t elements, uint64_t bytes) {
    switch (tensor_.dtype) {
      case DType::kFloat:
        return copy<float>(proto_.float_data(), elements);
      case DType::kComplex64:
        return copy<float>(proto_.float_data(), 2 * elements);
      case DType::kDouble:
        return copy<double>(proto_.double_data(), elements);
      case DType::kComplex128:
        return copy<double>(proto_.double_data(), 2 * elements);
      case DType::kInt64:
        return copy<int64_t>(proto_.int64_data(), elements);
      case DType::kUint32:
        return copy<uint32_t>(proto_.uint64_data(), elements);
      case DType::kUint64:
        return copy<uint64_t>(proto_.uint64_data(), elements);
      case DType::kInt32:
        return copy<int32_t>(proto_.int32_data(), elements);
      case DType::kInt16:
      case DType::kUint16:
      case DType::kFloat16:
      case DType::kBfloat16:
        return copy<uint16_t>(proto_.int32_data(), elements);
      case DType::kFloat6e2m3:
      case DType::kFloat6e3m2:
        return pack_six_bits(elements, bytes);
      default:  // a byte an entry, which several elements share below 8 bits
        return copy<uint8_t>(proto_.int32_data(), bytes);
    }
  }

  template <typename Stored, typename Field>
  void copy(const Field& field, uint64_t entries) {
    expect(static_cast<uint64_t>(field.size()), entries, "entries of data");
    if (!source_.weights) return;
    tensor_.bytes.resize(entries * sizeof(Stored));
    char* to = tensor_.bytes.data();
    for (const auto entry : field) {
      const auto stored = static_cast<Stored>(entry);
      std::memcpy(to, &stored, sizeof stored);
      to += sizeof stored;
    }
  }

  /// An entry an element here, four elements in three bytes as raw_data.
  void pack_six_bits(uint64_t elements, uint64_t bytes) {
    const auto& field = proto_.int32_data();
    expect(static_cast<uint64_t>(field.size()), elements, "entries of data");
    if (!source_.weights) return;
    tensor_.bytes.resize(bytes);
    size_t bit = 0;
    for (const int32_t entry : field) {
      const unsigned shifted = (static_cast<unsigned>(entry) & 0x3fu) << (bit % 8);
      const size_t at = bit / 8;
      tensor_.bytes[at] =
          static_cast<char>(static_cast<unsigned char>(tensor_.bytes[at]) | shifted);
      if (shifted > 0xff) tensor_.bytes[at + 1] = static_cast<char>(shifted >> 8);
      bit += 6;
    }
  }

  void read_external(uint64_t bytes) {
    std::string location;
    uint64_t offset = 0;
    uint64_t length = bytes;
    for (const auto& entry : proto_.external_data()) {
      if (entry.key() == "location") location = entry.value();
      if (entry.key() == "offset") offset = number(entry.key(), entry.value());
      if (entry.key() == "length") length = number(entry.key(), entry.value());
    }
    source_.external_byte_size += bytes;
    const std::filesystem::path path = external_path(location);
    expect(length, bytes, "bytes of external data");
    if (!source_.weights) return;
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
      throw FileError(source_.label + ": tensor '" + tensor_.name + "': its data is in '" +
                      path.string() + "', which cannot be opened");
    }
    if (offset > size || length > size - offset) {
      fail("its data ends at byte " + std::to_string(offset) + " + " + std::to_string(length) +
           " of '" + location + "', which has " + std::to_string(size));
    }
    tensor_.bytes.resize(bytes);
    file.seekg(static_cast<std::streamoff>(offset));
    if (!file.read(tensor_.bytes.data(), static_cast<std::streamsize>(bytes))) {
      fail("reading '" + location + "' failed");
    }
  }

  uint64_t number(const std::string& key, const std::string& text) const {
    uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) {
      fail("external data: " + key + " '" + text + "' is not a number");
    }
    return value;
  }

  /// A model names files below its own folder and no other. Symbolic links are followed: they are
  /// made by the owner of the disk, not by the model.
  std::filesystem::path external_path(const std::string& location) const {
    const std::filesystem::path path(location);
    bool leaves = path.empty() || path.is_absolute() || location.find('\0') != std::string::npos;
    for (const auto& part : path) leaves = leaves || part == "..";
    if (leaves) {
      fail("external data: '" + location + "' is not a path inside the model's folder");
    }
    if (source_.base_folder.empty() && source_.weights) {
      fail("its data is in the file '" + location + "', and no base folder was given");
    }
    return source_.base_folder / path;
  }

  ::onnx::TensorProto& proto_;
  TensorSource& source_;
  Tensor tensor_;
};

template <typename From>
Tensor parse_tensor(const From& from, const std::string& label) {
  ::onnx::TensorProto proto;
  if constexpr (std::is_same_v<From, std::filesystem::path>) {
    parse_message(proto, from, "TensorProto");
  } else {
    parse_message(proto, from, label, "TensorProto");
  }
  if (!proto.has_data_type()) throw ParseError(label + ": not an ONNX tensor (it has no dtype)");
  TensorSource source{.base_folder = {}, .label = label};
  return take_tensor(proto, source);
}

}  // namespace

Tensor take_tensor(::onnx::TensorProto& proto, TensorSource& source) {
  return TensorReader(proto, source).read();
}

Tensor read_tensor(std::span<const std::byte> bytes, const std::string& label) {
  return parse_tensor(bytes, label);
}

Tensor read_tensor(const std::filesystem::path& path) { return parse_tensor(path, path.string()); }

}  // namespace xpuruntime::onnx
