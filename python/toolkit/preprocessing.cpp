// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/preprocessing.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>

#include "../src/gil.h"
#include "bindings.h"
#include "xpuruntime/toolkit/image.h"
#include "xpuruntime/toolkit/top_classes.h"

namespace xpuruntime::python {
namespace {

using toolkit::Preprocessing;

std::span<const std::byte> bytes_of(const nb::bytes& file) {
  return {static_cast<const std::byte*>(file.data()), file.size()};
}

/// Keywords are the members of the JSON, so that both are checked in one place.
void make_preprocessing(Preprocessing* self, const nb::kwargs& members) {
  const nb::object text = nb::module_::import_("json").attr("dumps")(members);
  new (self) Preprocessing(toolkit::preprocessing_from_json(nb::cast<std::string>(text)));
}

nb::object member(const Preprocessing& self, const char* name) {
  return nb::module_::import_("json").attr("loads")(to_json(self))[name];
}

void bind_members(nb::class_<Preprocessing>& bound) {
  bound
      .def_prop_ro(
          "color", [](const Preprocessing& self) { return member(self, "color"); },
          nb::sig("def color(self, /) -> str"))
      .def_prop_ro(
          "resize", [](const Preprocessing& self) { return member(self, "resize"); },
          nb::sig("def resize(self, /) -> int | list[int] | None"))
      .def_prop_ro(
          "filter", [](const Preprocessing& self) { return member(self, "filter"); },
          nb::sig("def filter(self, /) -> str"))
      .def_prop_ro(
          "crop", [](const Preprocessing& self) { return member(self, "crop"); },
          nb::sig("def crop(self, /) -> int | list[int] | None"))
      .def_prop_ro(
          "dtype", [](const Preprocessing& self) { return member(self, "dtype"); },
          nb::sig("def dtype(self, /) -> str"))
      .def_ro("scale", &Preprocessing::scale)
      .def_prop_ro(
          "mean", [](const Preprocessing& self) { return member(self, "mean"); },
          nb::sig("def mean(self, /) -> list[float] | None"))
      .def_prop_ro(
          "std", [](const Preprocessing& self) { return member(self, "std"); },
          nb::sig("def std(self, /) -> list[float] | None"))
      .def_prop_ro(
          "layout", [](const Preprocessing& self) { return member(self, "layout"); },
          nb::sig("def layout(self, /) -> str"));
}

}  // namespace

void bind_preprocessing(nb::module_& m) {
  nb::class_<Preprocessing> bound(
      m, "Preprocessing",
      "How pictures become the input of a model, in the order of the parameters.\n\n"
      "Pixels are those of Pillow, bit for bit, so that a model sees what it was trained on.\n\n"
      "Parameters\n----------\n"
      "preset : {\"picture\", \"imagenet\"}\n"
      "    What the others begin from: the whole picture, from 0 to 1; or short side 256, crop\n"
      "    224, and ImageNet's mean and standard deviation.\n"
      "color : {\"rgb\", \"bgr\", \"grey\"}\n"
      "resize : int or (int, int), optional\n"
      "    The short side, which keeps the proportions, or height and width.\n"
      "filter : {\"bilinear\", \"bicubic\"}\n"
      "crop : int or (int, int), optional\n    Of the centre.\n"
      "dtype : {\"float32\", \"uint8\"}\n"
      "    ``(pixel * scale - mean) / std``, or pixels as they are.\n"
      "scale : float\n"
      "mean, std : float or sequence of float, optional\n"
      "    For each channel in the order of `color`, or one for all.\n"
      "layout : {\"NCHW\", \"NHWC\"}\n\n"
      "Raises\n------\nInvalidArgumentError\n    A name is unknown, a value makes no sense.");
  bound.def("__init__", &make_preprocessing,
            nb::sig("def __init__(self, *, preset: str = 'picture', color: str = 'rgb', "
                    "resize: int | Sequence[int] | None = None, filter: str = 'bilinear', "
                    "crop: int | Sequence[int] | None = None, dtype: str = 'float32', "
                    "scale: float = 1 / 255, mean: float | Sequence[float] | None = None, "
                    "std: float | Sequence[float] | None = None, layout: str = 'NCHW') -> None"));
  bind_members(bound);
  bound
      .def_static("imagenet", &Preprocessing::imagenet,
                  "Of classifiers trained on ImageNet: short side 256, crop 224, normalised.")
      .def_static(
          "from_json",
          [](const std::string& text) { return toolkit::preprocessing_from_json(text); },
          nb::arg("text"), "An object with the parameters, or a preset's name as a JSON string.")
      .def_static("beside", &toolkit::preprocessing_beside, nb::arg("model"),
                  nb::sig("def beside(model: str | os.PathLike[str]) -> Preprocessing | None"),
                  "The member ``preprocessing`` of ``<name>_info.json`` beside the model.")
      .def("to_json", [](const Preprocessing& self) { return to_json(self); })
      .def(
          "__eq__",
          [](const Preprocessing& self, nb::handle other) {
            return nb::isinstance<Preprocessing>(other) &&
                   self == nb::cast<const Preprocessing&>(other);
          },
          nb::arg().none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [](const Preprocessing& self) { return nb::hash(nb::cast(to_json(self))); })
      .def("__repr__", [](const Preprocessing& self) {
        return "<xpuruntime.toolkit.Preprocessing " + to_json(self) + ">";
      });
  m.def(
      "read_image", [](const std::string& path) { return toolkit::read_image(path); },
      nb::arg("path"), nb::call_guard<GilRelease>());
  m.def(
      "decode_image",
      [](const nb::bytes& file) {
        const GilRelease release;
        return toolkit::decode_image(bytes_of(file));
      },
      nb::arg("file"));
  m.def(
      "write_png",
      [](const std::string& path, const Tensor& image) { toolkit::write_png(path, image); },
      nb::arg("path"), nb::arg("image"), nb::call_guard<GilRelease>());
  m.def(
      "preprocess_image",
      [](const Tensor& image, const Preprocessing& preprocessing) {
        return toolkit::preprocess_image(image, preprocessing);
      },
      nb::arg("image"), nb::arg("preprocessing"), nb::call_guard<GilRelease>());
  m.def(
      "top_classes",
      [](const Tensor& scores, size_t count) {
        std::vector<std::vector<std::pair<int64_t, double>>> rows;
        for (const auto& row : toolkit::top_classes(scores, count)) {
          auto& pairs = rows.emplace_back();
          for (const auto& [index, confidence] : row) pairs.emplace_back(index, confidence);
        }
        return rows;
      },
      nb::arg("scores"), nb::arg("count"), nb::call_guard<GilRelease>());
  m.def("image_of", &toolkit::image_of, nb::arg("tensor"), nb::arg("preprocessing"),
        nb::call_guard<GilRelease>());
}

}  // namespace xpuruntime::python
