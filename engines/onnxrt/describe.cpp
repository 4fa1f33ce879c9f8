// SPDX-License-Identifier: Apache-2.0
#include "describe.h"

#include <algorithm>
#include <utility>

#include "api_24.h"
#include "element_type.h"
#include "handle.h"
#include "placement.h"
#include "status.h"

namespace xpuruntime::onnxrt {
namespace {

OrtAllocator* allocator() {
  OrtAllocator* allocator = nullptr;
  check(ort().GetAllocatorWithDefaultOptions(&allocator));
  return allocator;
}

/// A text that ONNX Runtime allocates.
template <typename Get>
std::string text(Get&& get) {
  char* made = nullptr;
  check(get(&made));
  std::string copy = made != nullptr ? made : "";
  if (made != nullptr) check(ort().AllocatorFree(allocator(), made));
  return copy;
}

bool has_rank(const OrtTensorTypeAndShapeInfo* info, size_t rank) {
  if (rank != 0) return true;
  // Before API 24 nothing tells a scalar from a tensor of unknown rank.
  return api_24::is_available() &&
         api_24::function<api_24::HasShape>(api_24::Slot::kTensorTypeAndShapeHasShape)(info);
}

void describe_tensor(const OrtTensorTypeAndShapeInfo* info, engine::TensorSpec& spec) {
  ONNXTensorElementDataType dtype = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  check(ort().GetTensorElementType(info, &dtype));
  spec.dtype = dtype_of(dtype);
  size_t rank = 0;
  check(ort().GetDimensionsCount(info, &rank));
  spec.has_rank = has_rank(info, rank);
  if (rank == 0) return;
  spec.shape.resize(rank);
  check(ort().GetDimensions(info, spec.shape.data(), rank));
  // A model that declares 0 elements does not mean it.
  for (int64_t& size : spec.shape) size = size > 0 ? size : -1;
  std::vector<const char*> names(rank);
  check(ort().GetSymbolicDimensions(info, names.data(), rank));
  for (const char* name : names) spec.dim_names.emplace_back(name != nullptr ? name : "");
}

engine::TensorSpec describe_value(std::string name, const OrtTypeInfo* type) {
  engine::TensorSpec spec;
  spec.name = std::move(name);
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  check(ort().GetOnnxTypeFromTypeInfo(type, &kind));
  switch (kind) {
    case ONNX_TYPE_TENSOR: {
      const OrtTensorTypeAndShapeInfo* info = nullptr;
      check(ort().CastTypeInfoToTensorInfo(type, &info));
      describe_tensor(info, spec);
      return spec;
    }
    case ONNX_TYPE_SEQUENCE:
      spec.kind = XPURT_KIND_SEQUENCE;
      break;
    case ONNX_TYPE_MAP:
      spec.kind = XPURT_KIND_MAP;
      break;
    default:
      spec.kind = XPURT_KIND_NONE;
      break;
  }
  spec.has_rank = false;
  return spec;
}

using GetCount = decltype(OrtApi::SessionGetInputCount);
using GetName = decltype(OrtApi::SessionGetInputName);
using GetType = decltype(OrtApi::SessionGetInputTypeInfo);

std::vector<engine::TensorSpec> describe_values(const OrtSession* session, GetCount get_count,
                                                GetName get_name, GetType get_type) {
  size_t count = 0;
  check(get_count(session, &count));
  std::vector<engine::TensorSpec> specs;
  for (size_t i = 0; i < count; ++i) {
    const auto type = make<TypeInfo>([&](OrtTypeInfo** out) { return get_type(session, i, out); });
    specs.push_back(describe_value(
        text([&](char** out) { return get_name(session, i, allocator(), out); }), type.get()));
  }
  return specs;
}

using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The model's own entries, then what its header says where no entry has that name.
Metadata describe_metadata(const OrtModelMetadata* metadata) {
  Metadata entries;
  char** keys = nullptr;
  int64_t count = 0;
  check(ort().ModelMetadataGetCustomMetadataMapKeys(metadata, allocator(), &keys, &count));
  for (int64_t i = 0; i < count; ++i) {
    std::string key = keys[i];
    check(ort().AllocatorFree(allocator(), keys[i]));
    std::string value = text([&](char** out) {
      return ort().ModelMetadataLookupCustomMetadataMap(metadata, allocator(), key.c_str(), out);
    });
    entries.emplace_back(std::move(key), std::move(value));
  }
  if (keys != nullptr) check(ort().AllocatorFree(allocator(), keys));

  const auto add = [&](const char* key, std::string value) {
    const auto has_name = [&](const auto& entry) { return entry.first == key; };
    if (value.empty() || std::ranges::any_of(entries, has_name)) return;
    entries.emplace_back(key, std::move(value));
  };
  const auto get = [&](auto function) {
    return text([&](char** out) { return function(metadata, allocator(), out); });
  };
  add("graph_name", get(ort().ModelMetadataGetGraphName));
  add("graph_description", get(ort().ModelMetadataGetGraphDescription));
  add("description", get(ort().ModelMetadataGetDescription));
  add("domain", get(ort().ModelMetadataGetDomain));
  int64_t version = 0;
  check(ort().ModelMetadataGetVersion(metadata, &version));
  // ONNX Runtime says the greatest number where a model says nothing.
  if (version > 0 && version != INT64_MAX) add("model_version", std::to_string(version));
  return entries;
}

}  // namespace

engine::ModelSpec describe(const OrtSession* session) {
  engine::ModelSpec spec;
  spec.inputs = describe_values(session, ort().SessionGetInputCount, ort().SessionGetInputName,
                                ort().SessionGetInputTypeInfo);
  spec.outputs = describe_values(session, ort().SessionGetOutputCount, ort().SessionGetOutputName,
                                 ort().SessionGetOutputTypeInfo);
  const auto metadata = make<ModelMetadata>(
      [&](OrtModelMetadata** out) { return ort().SessionGetModelMetadata(session, out); });
  spec.metadata = describe_metadata(metadata.get());
  spec.producer = text([&](char** out) {
    return ort().ModelMetadataGetProducerName(metadata.get(), allocator(), out);
  });
  spec.placement = placement_of(session);
  return spec;
}

}  // namespace xpuruntime::onnxrt
