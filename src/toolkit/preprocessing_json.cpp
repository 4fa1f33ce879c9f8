// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "toolkit/preprocessing.h"
#include "xpuruntime/engine/nearest.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
using Names = std::array<std::pair<std::string_view, T>, 2>;

constexpr std::array<std::pair<std::string_view, PixelColor>, 3> kColors{
    {{"rgb", PixelColor::kRgb}, {"bgr", PixelColor::kBgr}, {"grey", PixelColor::kGrey}}};
constexpr Names<ResizeFilter> kFilters{
    {{"bilinear", ResizeFilter::kBilinear}, {"bicubic", ResizeFilter::kBicubic}}};
constexpr Names<DType> kDtypes{{{"float32", DType::kFloat32}, {"uint8", DType::kUInt8}}};
constexpr Names<PixelLayout> kLayouts{{{"NCHW", PixelLayout::kNchw}, {"NHWC", PixelLayout::kNhwc}}};
constexpr std::array<std::string_view, 2> kPresets{"imagenet", "picture"};

constexpr std::array<std::string_view, 10> kMembers{
    "preset", "color", "resize", "filter", "crop", "dtype", "scale", "mean", "std", "layout"};

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

template <typename Table>
Json name_in(const Table& table, auto value) {
  for (const auto& [name, each] : table) {
    if (each == value) return std::string(name);
  }
  throw InvalidArgumentError("preprocessing: a value has no name");
}

/// One side is a number.
Json sides_json(const std::vector<int64_t>& sides) {
  return sides.empty() ? Json(nullptr) : sides.size() == 1 ? Json(sides[0]) : Json(sides);
}

/// Reads the members of an object, and tells what is wrong with which.
class PreprocessingReader {
 public:
  PreprocessingReader(const Json& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  Preprocessing read() const {
    check_names();
    Preprocessing made;
    if (object_.contains("preset")) made = preset();
    read_name("color", kColors, made.color);
    read_sides("resize", made.resize);
    read_name("filter", kFilters, made.filter);
    read_sides("crop", made.crop);
    read_name("dtype", kDtypes, made.dtype);
    if (object_.contains("scale")) made.scale = number("scale", object_["scale"]);
    read_channels("mean", made.mean);
    read_channels("std", made.std);
    read_name("layout", kLayouts, made.layout);
    return made;
  }

 private:
  [[noreturn]] void fail(const std::string& member, const std::string& expected) const {
    throw InvalidArgumentError(
        where_ + "." + member + ": expected " + expected + ", got " +
        object_[member].dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  void check_names() const {
    for (const auto& [name, value] : object_.items()) {
      if (std::ranges::find(kMembers, name) != kMembers.end()) continue;
      throw InvalidArgumentError(where_ + ": there is no '" + name + "' but " + listed(kMembers) +
                                 engine::did_you_mean(name, kMembers));
    }
  }
  Preprocessing preset() const {
    if (!object_["preset"].is_string()) fail("preset", "one of " + listed(kPresets));
    return preprocessing_preset(object_["preset"].get_ref<const std::string&>());
  }
  void read_name(const char* member, const auto& table, auto& value) const {
    if (!object_.contains(member)) return;
    std::vector<std::string_view> names;
    for (const auto& [name, each] : table) {
      if (object_[member] == name) {
        value = each;
        return;
      }
      names.push_back(name);
    }
    fail(member, "one of " + listed(names));
  }
  void read_sides(const char* member, std::vector<int64_t>& sides) const {
    if (!object_.contains(member)) return;
    const Json& json = object_[member];
    sides.clear();
    if (json.is_null()) return;
    for (const Json& side : json.is_array() ? json : Json::array({json})) {
      if (!side.is_number_integer()) fail(member, "a side, [height, width] or null");
      sides.push_back(side.get<int64_t>());
    }
  }
  void read_channels(const char* member, std::vector<double>& values) const {
    if (!object_.contains(member)) return;
    const Json& json = object_[member];
    values.clear();
    if (json.is_null()) return;
    for (const Json& value : json.is_array() ? json : Json::array({json})) {
      values.push_back(number(member, value));
    }
  }
  double number(const char* member, const Json& value) const {
    if (!value.is_number()) fail(member, "numbers");
    return value.get<double>();
  }

  const Json& object_;
  std::string where_;
};

Preprocessing from_json(const Json& json, const std::string& where) {
  try {
    if (json.is_string()) return preprocessing_preset(json.get_ref<const std::string&>());
    if (json.is_object()) {
      const Preprocessing made = PreprocessingReader(json, where).read();
      check_preprocessing(made);
      return made;
    }
  } catch (const InvalidArgumentError& error) {
    const std::string words = error.what();
    throw InvalidArgumentError(words.starts_with(where) ? words : where + ": " + words);
  }
  throw InvalidArgumentError(where + ": expected a JSON object, or the name of a preset (" +
                             listed(kPresets) + ") as a string");
}

}  // namespace

Preprocessing preprocessing_preset(std::string_view name) {
  if (name == "imagenet") return Preprocessing::imagenet();
  if (name == "picture") return {};
  throw InvalidArgumentError("preprocessing: there is no preset '" + std::string(name) + "' but " +
                             listed(kPresets) + engine::did_you_mean(name, kPresets));
}

std::string to_json(const Preprocessing& preprocessing) {
  const auto channels = [](const std::vector<double>& values) {
    return values.empty() ? Json(nullptr) : Json(values);
  };
  return Json{{"color", name_in(kColors, preprocessing.color)},
              {"resize", sides_json(preprocessing.resize)},
              {"filter", name_in(kFilters, preprocessing.filter)},
              {"crop", sides_json(preprocessing.crop)},
              {"dtype", name_in(kDtypes, preprocessing.dtype)},
              {"scale", preprocessing.scale},
              {"mean", channels(preprocessing.mean)},
              {"std", channels(preprocessing.std)},
              {"layout", name_in(kLayouts, preprocessing.layout)}}
      .dump();
}

Preprocessing preprocessing_from_json(std::string_view text, const std::string& where) {
  return from_json(Json::parse(text, nullptr, false), where);
}

std::optional<Preprocessing> preprocessing_beside(const std::filesystem::path& model) {
  std::filesystem::path file = model;
  file.replace_filename(model.stem().string() + "_info.json");
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream stream(file);
  const Json notes = Json::parse(stream, nullptr, false);
  if (!notes.is_object()) throw InvalidArgumentError(file.string() + ": expected a JSON object");
  const auto found = notes.find("preprocessing");
  if (found == notes.end() || found->is_null()) return std::nullopt;
  return from_json(*found, file.string() + ": preprocessing");
}

}  // namespace xpuruntime::toolkit
