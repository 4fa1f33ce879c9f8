// SPDX-License-Identifier: Apache-2.0
#include "infer_messages.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "infer_tensors.h"
#include "protocol/open_inference.pb.h"
#include "worker/error.h"
#include "worker/messages.h"

namespace xpuruntime::worker_grpc {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using worker::BadFrame;
using worker::Message;
using worker::TensorPlace;
using Json = nlohmann::json;
using Coded = google::protobuf::io::CodedOutputStream;

// Parameters of a message, and of a tensor whose type the protocol does not have.
constexpr const char* kType = "type";
constexpr const char* kJson = "json";
constexpr const char* kDtype = "dtype";
constexpr const char* kShape = "shape";
/// The tensor of a payload that holds none: a model, or what breaks a rule and is refused there.
constexpr const char* kPayload = "payload";
constexpr int32_t kBytesType = 2;

std::span<const std::byte> bytes_of(const Message& message) {
  return message.payload != nullptr ? message.payload->bytes() : std::span<std::byte>();
}

/// What a frame says, and its tensors taken out of it.
struct Parts {
  std::string json;
  std::vector<TensorPlace> places{};
};

/// No places where the frame has no tensors, or such as break a rule.
Parts take_apart(const Message& message) {
  if (message.json.find("\"tensors\"") == std::string::npos) return {message.json};
  try {
    auto places = worker::from_json<worker::RunTensors>(message.json).tensors;
    worker::check_places(places, bytes_of(message).size());
    Json json = Json::parse(message.json);
    if (places.empty()) return {message.json};
    json.erase("tensors");
    return {json.dump(), std::move(places)};
  } catch (const BadFrame&) {
    return {message.json};
  }
}

/// The tensors of the protocol without their bytes. `Tensor`: of a request or of a response.
template <typename Tensor>
void describe(const TensorPlace& place, Tensor& tensor) {
  tensor.set_name(place.name);
  const std::string_view datatype = datatype_of(place.dtype);
  if (!datatype.empty()) {
    tensor.set_datatype(std::string(datatype));
    for (const int64_t size : place.shape) tensor.add_shape(size);
    return;
  }
  tensor.set_datatype(std::string(datatype_of(kBytesType)));
  tensor.add_shape(static_cast<int64_t>(place.bytes));
  (*tensor.mutable_parameters())[kDtype].set_int64_param(place.dtype);
  (*tensor.mutable_parameters())[kShape].set_string_param(Json(place.shape).dump());
}

void append_length(std::string& to, int field, uint64_t bytes) {
  constexpr uint32_t kLengthDelimited = 2;
  std::array<uint8_t, 20> head;
  uint8_t* end = Coded::WriteVarint32ToArray(static_cast<uint32_t>(field) << 3 | kLengthDelimited,
                                             head.data());
  end = Coded::WriteVarint64ToArray(bytes, end);
  to.append(reinterpret_cast<const char*>(head.data()), static_cast<size_t>(end - head.data()));
}

/// Contents are put behind the serialized rest, as the format permits, so that they are not copied.
template <typename Outer>
std::vector<Piece> write(const Message& message, int contents_field, auto add_tensor) {
  Outer outer;
  outer.set_id(std::to_string(message.id));
  auto& parameters = *outer.mutable_parameters();
  parameters[kType].set_string_param(std::string(name_of(message.type)));
  Parts parts = take_apart(message);
  parameters[kJson].set_string_param(std::move(parts.json));
  const auto payload = bytes_of(message);
  if (parts.places.empty() && !payload.empty()) {
    parameters[kPayload].set_bool_param(true);
    const auto size = static_cast<int64_t>(payload.size());
    parts.places.push_back({kPayload, kBytesType, {size}, 0, payload.size()});
  }
  for (const TensorPlace& place : parts.places) describe(place, *add_tensor(outer));
  std::vector<Piece> pieces;
  Piece piece{outer.SerializeAsString()};
  for (const TensorPlace& place : parts.places) {
    if (place.dtype == worker::kStringType) {
      const std::string raw = bytes_of_strings(place, payload);
      append_length(piece.text, contents_field, raw.size());
      piece.text += raw;
      continue;
    }
    append_length(piece.text, contents_field, place.bytes);
    if (place.bytes == 0) continue;  // it lies nowhere
    piece.payload = payload.subspan(place.offset, place.bytes);
    pieces.push_back(std::exchange(piece, {}));
  }
  pieces.push_back(std::move(piece));
  return pieces;
}

const std::string& text_parameter(const auto& parameters, const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || !found->second.has_string_param()) {
    throw BadFrame(std::string("parameter '") + name + "' is missing, or no text");
  }
  return found->second.string_param();
}

std::vector<int64_t> shape_from(const std::string& text) {
  try {
    return Json::parse(text).get<std::vector<int64_t>>();
  } catch (const Json::exception& error) {
    throw BadFrame(std::string("parameter 'shape' is none: ") + error.what());
  }
}

template <typename Tensor>
TensorPlace place_of(const Tensor& tensor, const std::string& raw) {
  TensorPlace place{
      tensor.name(), 0, {tensor.shape().begin(), tensor.shape().end()}, 0, raw.size()};
  const auto foreign = tensor.parameters().find(kDtype);
  if (foreign != tensor.parameters().end()) {
    place.dtype = static_cast<int32_t>(foreign->second.int64_param());
    place.shape = shape_from(text_parameter(tensor.parameters(), kShape));
    return place;
  }
  const auto dtype = dtype_named(tensor.datatype());
  if (!dtype) {
    throw BadFrame("tensor '" + place.name + "': there is no datatype '" + tensor.datatype() + "'");
  }
  place.dtype = *dtype;
  if (place.dtype == worker::kStringType) place.bytes = string_bytes(place.shape, raw);
  return place;
}

/// The frame's JSON with the tensors put back: one object, whose text is not looked into further.
std::string put_together(const std::string& json, const std::vector<TensorPlace>& places) {
  const size_t first = json.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || json[first] != '{') throw BadFrame("the JSON is no object");
  const size_t next = json.find_first_not_of(" \t\r\n", first + 1);
  Json tensors = Json::array();
  for (const TensorPlace& place : places) {
    tensors.push_back({{"name", place.name},
                       {"dtype", place.dtype},
                       {"shape", place.shape},
                       {"offset", place.offset},
                       {"bytes", place.bytes}});
  }
  std::string whole = R"({"tensors":)" + tensors.dump();
  if (next == std::string::npos || json[next] != '}') whole += ',';
  return whole.append(json, first + 1);
}

template <typename Outer>
Message read(const Outer& outer, const auto& tensors, const auto& contents, uint64_t max_payload) {
  Message message;
  const std::string& id = outer.id();
  const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), message.id);
  if (error != std::errc() || stop != id.data() + id.size()) {
    throw BadFrame("id '" + id + "' is no number");
  }
  const std::string& type_name = text_parameter(outer.parameters(), kType);
  const auto type = worker::type_named(type_name);
  if (!type || *type == worker::MessageType::kSegments) {
    throw BadFrame("there is no message type '" + type_name + "'", message.id);
  }
  message.type = *type;
  message.json = text_parameter(outer.parameters(), kJson);
  if (message.json.size() > worker::kMaxJsonBytes) {
    throw BadFrame(std::to_string(message.json.size()) + " bytes of JSON are too many", message.id);
  }
  if (tensors.size() != contents.size() ||
      static_cast<size_t>(tensors.size()) > worker::kMaxTensors) {
    throw BadFrame(std::to_string(tensors.size()) + " tensors came with the contents of " +
                       std::to_string(contents.size()),
                   message.id);
  }
  std::vector<TensorPlace> places;
  places.reserve(static_cast<size_t>(tensors.size()));
  for (int i = 0; i < tensors.size(); ++i) places.push_back(place_of(tensors[i], contents[i]));
  const uint64_t bytes = worker::lay_out(places);
  worker::check_places(places, bytes);
  if (bytes > max_payload) {
    throw BadFrame("a payload of " + std::to_string(bytes) + " bytes came, and at most " +
                       std::to_string(max_payload) + " are taken",
                   message.id);
  }
  if (bytes > 0) message.payload = worker::heap_block(bytes);
  for (int i = 0; i < tensors.size(); ++i) {
    const TensorPlace& place = places[static_cast<size_t>(i)];
    if (place.bytes == 0) continue;
    const auto to = message.payload->bytes().subspan(place.offset, place.bytes);
    if (place.dtype == worker::kStringType) {
      put_strings(contents[i], worker::element_count(place.shape), to);
    } else {
      std::memcpy(to.data(), contents[i].data(), to.size());
    }
  }
  const bool is_plain = outer.parameters().contains(kPayload) && places.size() == 1;
  if (!is_plain && !places.empty()) {
    message.json = put_together(message.json, places);
  }
  return message;
}

}  // namespace

std::vector<Piece> write_message(const Message& message, Kind kind) {
  const uint64_t payload_bytes = bytes_of(message).size();
  if (message.json.size() > worker::kMaxJsonBytes || payload_bytes > kMaxTensorBytes) {
    throw BadFrame("a message of " + std::to_string(message.json.size()) + " bytes of JSON and " +
                       std::to_string(payload_bytes) +
                       " of payload is beyond the limits of transport grpc",
                   message.id);
  }
  if (kind == Kind::kRequest) {
    return write<ModelInferRequest>(message, ModelInferRequest::kRawInputContentsFieldNumber,
                                    [](ModelInferRequest& to) { return to.add_inputs(); });
  }
  std::vector<Piece> pieces =
      write<ModelInferResponse>(message, ModelInferResponse::kRawOutputContentsFieldNumber,
                                [](ModelInferResponse& to) { return to.add_outputs(); });
  uint64_t bytes = 0;
  for (const Piece& piece : pieces) bytes += piece.text.size() + piece.payload.size();
  std::string head;
  append_length(head, ModelStreamInferResponse::kInferResponseFieldNumber, bytes);
  pieces.front().text.insert(0, head);
  return pieces;
}

Message read_message(google::protobuf::io::ZeroCopyInputStream& from, Kind kind,
                     uint64_t max_payload) {
  const google::protobuf::LogSilencer silence;  // what is wrong is thrown
  if (kind == Kind::kRequest) {
    ModelInferRequest request;
    if (!request.ParseFromZeroCopyStream(&from))
      throw BadFrame("what came is no ModelInferRequest");
    return read(request, request.inputs(), request.raw_input_contents(), max_payload);
  }
  ModelStreamInferResponse whole;
  if (!whole.ParseFromZeroCopyStream(&from)) {
    throw BadFrame("what came is no ModelStreamInferResponse");
  }
  if (!whole.error_message().empty()) throw BadFrame("the worker says: " + whole.error_message());
  const ModelInferResponse& response = whole.infer_response();
  return read(response, response.outputs(), response.raw_output_contents(), max_payload);
}

}  // namespace xpuruntime::worker_grpc
