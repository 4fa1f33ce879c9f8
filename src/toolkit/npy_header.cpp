// SPDX-License-Identifier: Apache-2.0
#include "toolkit/npy_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kMaxHeaderBytes = 1 << 20;

struct Code {
  std::string_view text;  ///< kind and bytes, as in a descr
  DType dtype;
};
constexpr std::array kCodes{
    Code{"b1", DType::kBool},    Code{"i1", DType::kInt8},    Code{"i2", DType::kInt16},
    Code{"i4", DType::kInt32},   Code{"i8", DType::kInt64},   Code{"u1", DType::kUInt8},
    Code{"u2", DType::kUInt16},  Code{"u4", DType::kUInt32},  Code{"u8", DType::kUInt64},
    Code{"f2", DType::kFloat16}, Code{"f4", DType::kFloat32}, Code{"f8", DType::kFloat64},
    Code{"V2", DType::kBFloat16}};

/// Reads the literal of a Python dictionary that a header is.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& label) : rest_(text), label_(label) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_descr) {
        read_descr(header);
        has_descr = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = tuple();
        has_shape = true;
      } else {
        fail("has the unexpected key '" + key + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape) fail("lacks descr, fortran_order or shape");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidArgumentError(label_ + ": its .npy header " + what);
  }
  char next() {
    const size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool accept(char wanted) {
    if (next() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(std::string("is malformed: expected '") + wanted + "'");
  }
  std::string quoted() {
    const char quote = next();
    if (quote != '\'' && quote != '"') fail("is malformed: expected a quoted word");
    rest_.remove_prefix(1);
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) fail("is malformed: a quote is not closed");
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return word;
  }
  bool boolean() {
    next();
    for (const std::string_view word : {"True", "False"}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail("is malformed: fortran_order is neither True nor False");
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> dims;
    expect('(');
    while (!accept(')')) {
      next();
      int64_t dim = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), dim);
      if (error != std::errc() || dim < 0) fail("is malformed: shape is not a tuple of sizes");
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      accept('L');  // a long integer of Python 2
      dims.push_back(dim);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return dims;
  }
  void read_descr(NpyHeader& header) {
    if (next() == '[') fail("describes records of several fields; save one array per field");
    const std::string descr = quoted();
    std::string_view code = descr;
    if (!code.empty() && std::string_view("<>|=").find(code[0]) != std::string_view::npos) {
      header.swapped = code[0] == '>';
      code.remove_prefix(1);
    }
    if (code == "bfloat16") code = "V2";
    for (const auto& known : kCodes) {
      if (known.text == code) {
        header.dtype = known.dtype;
        return;
      }
    }
    if (code.starts_with('O')) fail("describes Python objects; save an array of numbers instead");
    fail("has element type '" + descr + "', which tensors do not hold");
  }

  std::string_view rest_;
  const std::string& label_;
};

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

NpyHeader read_npy_header(const ByteSource& source) {
  const auto fail = [&](const std::string& what) {
    throw InvalidArgumentError(source.label + ": " + what);
  };
  const uint64_t prefix_size = kMagic.size() + 2;
  std::string start(prefix_size, '\0');
  if (source.size < start.size()) fail("too short to be an .npy file");
  source.read(start.data(), start.size());
  if (!start.starts_with(kMagic)) fail("not an .npy file: it does not start with \\x93NUMPY");
  const int major = static_cast<uint8_t>(start[6]);
  if (major < 1 || major > 3) {
    fail("version " + std::to_string(major) + " of the .npy format is not known (1 to 3 are)");
  }

  std::string length(major == 1 ? 2 : 4, '\0');
  if (source.size - prefix_size < length.size()) fail("its .npy header is cut off");
  source.read(length.data(), length.size());
  const uint64_t text_size = little_endian(length);
  if (text_size > source.size - prefix_size - length.size()) fail("its .npy header is cut off");
  if (text_size > kMaxHeaderBytes) fail("its .npy header is larger than 1 MiB");

  std::string text(static_cast<size_t>(text_size), '\0');
  source.read(text.data(), text.size());
  NpyHeader header = HeaderParser(text, source.label).parse();
  header.byte_size = prefix_size + length.size() + text_size;
  return header;
}

bool fits_npy(DType dtype) noexcept {
  return std::ranges::any_of(kCodes, [&](const auto& known) { return known.dtype == dtype; });
}

std::string make_npy_header(DType dtype, const Shape& shape) {
  std::string descr;
  for (const auto& known : kCodes) {
    if (known.dtype != dtype) continue;
    descr = (known.text[1] == '1' ? '|' : '<') + std::string(known.text);
  }
  if (descr.empty()) {
    throw InvalidArgumentError("an .npy file cannot hold " + std::string(dtype_name(dtype)));
  }
  std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.rank(); ++i) {
    text += std::to_string(shape[i]) + (shape.rank() == 1 ? "," : i + 1 < shape.rank() ? ", " : "");
  }
  text += "), }";
  // Version 1.0; the elements begin at a multiple of 64 bytes.
  const size_t prefix = kMagic.size() + 4;
  text.append(64 - (prefix + text.size() + 1) % 64, ' ');
  text += '\n';
  if (text.size() > 0xffff) throw InvalidArgumentError("a shape of too high a rank for .npy");
  std::string header(kMagic);
  header +=
      {'\1', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace xpuruntime::toolkit
