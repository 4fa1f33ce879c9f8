// SPDX-License-Identifier: Apache-2.0
#include "model_notes/model_notes.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

namespace xpuruntime::model_notes {
namespace {

using engine::Failure;
using Json = nlohmann::json;

constexpr std::pair<const char*, int32_t> kDtypes[] = {
    {"float32", XPURT_FLOAT},
    {"uint8", XPURT_UINT8},
    {"int8", XPURT_INT8},
    {"uint16", XPURT_UINT16},
    {"int16", XPURT_INT16},
    {"int32", XPURT_INT32},
    {"int64", XPURT_INT64},
    {"bool", XPURT_BOOL},
    {"float16", XPURT_FLOAT16},
    {"float64", XPURT_DOUBLE},
    {"uint32", XPURT_UINT32},
    {"uint64", XPURT_UINT64},
    {"complex64", XPURT_COMPLEX64},
    {"complex128", XPURT_COMPLEX128},
    {"bfloat16", XPURT_BFLOAT16},
    {"float8_e4m3fn", XPURT_FLOAT8E4M3FN},
    {"float8_e5m2", XPURT_FLOAT8E5M2},
};

/// Words of a file that is wrong, with the place in it.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  std::vector<TensorNote> tensors(const Json& notes, const char* list) const {
    const auto found = notes.find(list);
    if (found == notes.end() || !found->is_array()) {
      fail(std::string("expected a list '") + list + "'");
    }
    std::vector<TensorNote> tensors;
    for (const Json& note : *found) {
      tensors.push_back(
          tensor(note, std::string(list) + "[" + std::to_string(tensors.size()) + "]"));
    }
    return tensors;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Failure(XPURT_INVALID_ARGUMENT, file_ + ": " + what);
  }

 private:
  TensorNote tensor(const Json& note, const std::string& where) const {
    if (!note.is_object() || !note.contains("name") || !note["name"].is_string() ||
        note["name"].get_ref<const std::string&>().empty()) {
      fail(where + ": expected an object with a 'name'");
    }
    TensorNote tensor;
    tensor.spec.name = note["name"].get<std::string>();
    if (note.contains("dtype")) tensor.spec.dtype = dtype(note["dtype"], where);
    tensor.spec.has_rank = note.contains("shape");
    if (!tensor.spec.has_rank) return tensor;
    tensor.spec.shape = sizes(note["shape"], where + ".shape");
    for (const auto& [member, bounds] :
         {std::pair("min", &tensor.min_shape), std::pair("max", &tensor.spec.max_shape)}) {
      if (!note.contains(member)) continue;
      *bounds = sizes(note[member], where + "." + member);
      if (bounds->size() != tensor.spec.shape.size()) {
        fail(where + "." + member + ": expected as many as in shape");
      }
    }
    return tensor;
  }
  int32_t dtype(const Json& name, const std::string& where) const {
    for (const auto& [known, number] : kDtypes) {
      if (name == known) return number;
    }
    fail(where + ".dtype: expected a name as NumPy has it, got " + name.dump());
  }
  std::vector<int64_t> sizes(const Json& list, const std::string& where) const {
    if (!list.is_array()) fail(where + ": expected a list");
    std::vector<int64_t> sizes;
    for (const Json& size : list) {
      if (!size.is_null() && (!size.is_number_integer() || size.get<int64_t>() < -1)) {
        fail(where + ": expected sizes, -1 or null, got " + size.dump());
      }
      sizes.push_back(size.is_null() ? -1 : size.get<int64_t>());
    }
    return sizes;
  }

  std::string file_;
};

std::string dimension_of(const TensorNote& note, size_t d) {
  return "input '" + note.spec.name + "', dimension " + std::to_string(d);
}

}  // namespace

std::optional<ModelNotes> read_beside(const std::filesystem::path& model) {
  std::filesystem::path file = model;
  file.replace_filename(model.stem().string() + "_info.json");
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const Reader reader(file.string());
  std::ifstream stream(file);
  const Json notes = Json::parse(stream, nullptr, false);
  if (!notes.is_object()) reader.fail("expected a JSON object");
  if (!notes.contains("inputs") && !notes.contains("outputs")) return std::nullopt;
  return ModelNotes{file.string(), reader.tensors(notes, "inputs"),
                    reader.tensors(notes, "outputs")};
}

void check_shape(const TensorNote& note, std::span<const int64_t> shape) {
  if (!note.spec.has_rank) return;
  if (shape.size() != note.spec.shape.size()) {
    throw Failure(XPURT_INVALID_ARGUMENT, "input '" + note.spec.name + "': expected " +
                                              std::to_string(note.spec.shape.size()) +
                                              " dimensions, got " + std::to_string(shape.size()));
  }
  for (size_t d = 0; d < shape.size(); ++d) {
    const auto refuse = [&](const std::string& expected) {
      throw Failure(XPURT_INVALID_ARGUMENT, dimension_of(note, d) + ": expected " + expected +
                                                ", got " + std::to_string(shape[d]));
    };
    const int64_t fixed = note.spec.shape[d];
    const int64_t most = note.spec.max_shape.empty() ? -1 : note.spec.max_shape[d];
    const int64_t least = note.min_shape.empty() ? -1 : note.min_shape[d];
    if (fixed >= 0 && shape[d] != fixed) refuse(std::to_string(fixed));
    if (most >= 0 && shape[d] > most) refuse("at most " + std::to_string(most));
    if (least >= 0 && shape[d] < least) refuse("at least " + std::to_string(least));
  }
}

void check_counts(const ModelNotes& notes, size_t inputs, size_t outputs) {
  if (notes.inputs.size() == inputs && notes.outputs.size() == outputs) return;
  throw Failure(XPURT_INVALID_ARGUMENT, notes.file + ": the model has " + std::to_string(inputs) +
                                            " inputs and " + std::to_string(outputs) +
                                            " outputs, and the notes tell of " +
                                            std::to_string(notes.inputs.size()) + " and " +
                                            std::to_string(notes.outputs.size()));
}

}  // namespace xpuruntime::model_notes
