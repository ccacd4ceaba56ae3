// The network model as bytes, the blob "network" of a world (docs/formats.md, "Network"). Pure;
// what is accepted is written back byte by byte.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "world/net/model.hpp"

namespace slwmi::world::net {

// `model` must pass check().
Bytes encode(const Model& model);
// ERROR_INVALID_DATA with the offset for bytes that are no model or exceed the limits; without one
// for a model that check() refuses. No bytes are the model without anything in it.
Result<Model> decode(ByteSpan bytes, const Limits& limits = {});

inline constexpr std::string_view kBlob = "network";  // its name among the blobs of a world

// The bytes after a change of the model; what `change` fails with, or check() of what it left.
Result<Bytes> change(ByteSpan before, FunctionRef<Result<>(Model&)> change);

}  // namespace slwmi::world::net
