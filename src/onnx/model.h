// SPDX-License-Identifier: Apache-2.0
/// An ONNX model as plain structs, with no protobuf type in it. Values of the reader: read_model()
/// makes them, nobody keeps a reference into a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "onnx/tensor.h"

namespace xpuruntime::onnx {

struct Graph;

/// An attribute of a kind that is not read: sparse tensors, types, references to a function's
/// attribute.
struct OpaqueAttribute {
  std::string kind;
};

struct Attribute {
  using Value = std::variant<OpaqueAttribute, float, int64_t, std::string, Tensor,
                             std::shared_ptr<const Graph>, std::vector<float>, std::vector<int64_t>,
                             std::vector<std::string>, std::vector<Tensor>,
                             std::vector<std::shared_ptr<const Graph>>>;
  std::string name;
  Value value;
};

struct Node {
  std::string name;  ///< may be empty
  std::string op_type;
  std::string domain;                ///< "" is ONNX's own
  std::vector<std::string> inputs;   ///< "" where an optional one is left out
  std::vector<std::string> outputs;  ///< the same
  std::vector<Attribute> attributes;

  /// Null when there is none of that name.
  const Attribute* attribute(std::string_view attribute_name) const;
};

enum class ValueKind { kUnknown, kTensor, kSparseTensor, kSequence, kMap, kOptional };

/// What a graph says of one of its values; a hint, which nothing has checked.
struct ValueInfo {
  std::string name;
  ValueKind kind = ValueKind::kUnknown;
  DType dtype = DType::kUndefined;     ///< of a tensor
  bool has_rank = false;               ///< false: no shape is given
  std::vector<int64_t> shape;          ///< -1: symbolic or not given
  std::vector<std::string> dim_names;  ///< one a dimension, "" where there is none
};

struct Graph {
  std::string name;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<std::string> sparse_initializers;  ///< names alone: their data is not read
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> values;  ///< of inner values, where the file has any

  /// Inputs that a caller must give: those that no initializer gives a value.
  std::vector<const ValueInfo*> required_inputs() const;
};

struct Model {
  Graph graph;
  int64_t ir_version = 0;
  std::vector<std::pair<std::string, int64_t>> opsets;  ///< domain and version
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  int64_t model_version = 0;
  std::string doc;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::string> functions;  ///< "domain.name" of functions that the model defines
  uint64_t byte_size = 0;              ///< of the file or the bytes, external data apart
  uint64_t external_byte_size = 0;     ///< of initializers in other files

  /// Version of the operator set of `domain` ("" and "ai.onnx" are the same); 0: not imported.
  int64_t opset(std::string_view domain_name = "") const;
  /// How often each operator occurs, inner graphs included; "domain.Name" outside ONNX's own.
  std::map<std::string, size_t> operator_counts() const;
};

struct ReadOptions {
  /// Where external data is looked for; a model read from a path looks beside itself by default.
  std::filesystem::path base_folder = {};
  /// False leaves out the data of initializers, so that a look at a large model stays cheap.
  bool weights = true;
  /// The source in messages; a path names itself.
  std::string label = "model";
};

/// Reads a model. Throws ParseError: truncated, empty, not ONNX, data that disagrees with its
/// shape, external data outside the base folder, a file of 2 GiB or more.
Model read_model(std::span<const std::byte> bytes, const ReadOptions& options = {});
/// The same from a file. Throws FileError when it, or a file that it refers to, cannot be opened.
Model read_model(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace xpuruntime::onnx
