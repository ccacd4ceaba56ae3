// The network model as bytes, the blob "network" of a world (docs/formats.md, "Network"). Pure;
// what is accepted is written back byte by byte.
#pragma once

#include "base/bytes.hpp"
#include "world/net/model.hpp"

namespace slwmi::world::net {

// `model` must pass check().
Bytes encode(const Model& model);
// ERROR_INVALID_DATA with the offset for bytes that are no model or exceed the limits; without one
// for a model that check() refuses. No bytes are the model without anything in it.
Result<Model> decode(ByteSpan bytes, const Limits& limits = {});

}  // namespace slwmi::world::net
