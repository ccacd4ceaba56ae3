#include "world/net/codec.hpp"

#include <string>

namespace slwmi::world::net {
namespace {

constexpr std::uint32_t kMagic = 0x54454E53;  // "SNET"
constexpr std::uint16_t kVersion = 1;
constexpr std::uint8_t kOtherRecords = 1;  // of a name
constexpr std::uint8_t kNoInternet = 1;    // of a site

class Writer {
 public:
  Bytes take() { return out_.take(); }

  void whole(const Model& model) {
    out_.u32(kMagic);
    out_.u16(kVersion);
    each(model.zones, [&](const Zone& zone) { put(zone); });
    each(model.sites, [&](const Site& site) {
      put(site.name);
      out_.u8(site.internet ? 0 : kNoInternet);
    });
    each(model.links, [&](const Link& link) {
      put(link.a);
      put(link.b);
      put(link.open);
      put(link.window);
    });
    each(model.ports, [&](const PortRule& rule) {
      put(rule.from);
      put(rule.to);
      out_.u16(rule.port);
      put(rule.open);
      put(rule.window);
    });
    each(model.faults, [&](const Fault& fault) { put(fault); });
  }

 private:
  template <class T, class F>
  void each(const std::vector<T>& entries, F write) {
    out_.u32(static_cast<std::uint32_t>(entries.size()));
    for (const T& entry : entries) write(entry);
  }
  void put(const std::string& text) {
    out_.u16(static_cast<std::uint16_t>(text.size()));
    out_.bytes(text);
  }
  void put(bool value) { out_.u8(value ? 1 : 0); }
  void put(const Window& window) {
    out_.u64(window.from.ticks);
    out_.u64(window.until.ticks);
  }
  void put(const Match& match) {
    for (const std::string* part : {&match.name, &match.site, &match.domain, &match.role})
      put(*part);
  }
  void put(const Zone& zone) {
    put(zone.name);
    out_.u8(static_cast<std::uint8_t>(zone.updates));
    each(zone.writers, [&](const std::string& writer) { put(writer); });
    each(zone.names, [&](const ServiceName& name) {
      put(name.domain);
      out_.u32(name.owner);
      out_.u8(name.other_records ? kOtherRecords : 0);
      each(name.records, [&](const SrvRecord& record) {
        put(record.host);
        out_.u16(record.port);
        out_.u16(record.priority);
        out_.u16(record.weight);
        out_.u32(record.ttl);
        out_.u32(record.owner);
        out_.u64(record.written.ticks);
      });
    });
  }
  void put(const Fault& fault) {
    put(fault.name);
    out_.u8(static_cast<std::uint8_t>(fault.kind));
    put(fault.who);
    put(fault.at);
    put(fault.window);
    out_.u32(fault.one_in);
    out_.u8(static_cast<std::uint8_t>(fault.share));
    out_.u64(fault.seed);
    out_.u32(static_cast<std::uint32_t>(fault.skew));
  }

  ByteWriter out_;
};

class Reader {
 public:
  Reader(ByteSpan bytes, const Limits& limits) : in_(bytes), limits_(limits) {}

  Result<Model> whole() {
    Model model;
    if (in_.u32() != kMagic || !in_.ok()) return refuse("these bytes are no network");
    if (in_.u16() != kVersion || !in_.ok())
      return refuse("the network has a version that is not known");
    each(model.zones, limits_.zones, [&](Zone& zone) { get(zone); });
    each(model.sites, limits_.sites, [&](Site& site) {
      get(site.name);
      site.internet = !flag(kNoInternet);
    });
    each(model.links, limits_.rules, [&](Link& link) {
      get(link.a);
      get(link.b);
      link.open = flag(1);
      get(link.window);
    });
    each(model.ports, limits_.rules, [&](PortRule& rule) {
      get(rule.from);
      get(rule.to);
      rule.port = in_.u16();
      rule.open = flag(1);
      get(rule.window);
    });
    each(model.faults, limits_.rules, [&](Fault& fault) { get(fault); });
    if (!in_.ok() || !in_.at_end()) return refuse("the network is cut short, too long or damaged");
    if (model == Model{}) return refuse("a network without anything in it has no bytes");
    if (auto sound = check(model, limits_); !sound) {
      return fail(HResult::kErrorInvalidData, "the network is damaged: " + sound.error().message);
    }
    return model;
  }

 private:
  tl::unexpected<Error> refuse(const char* why) const {
    return fail(HResult::kErrorInvalidData, why, SourcePos{in_.position(), 0, 0});
  }
  // A count, then that many entries. Memory follows what was read, not what the count claims.
  template <class T, class F>
  void each(std::vector<T>& out, std::size_t limit, F read) {
    const std::uint32_t count = in_.u32();
    if (count > limit) in_.fail();
    for (std::uint32_t i = 0; i < count && in_.ok(); ++i) read(out.emplace_back());
  }
  void get(std::string& text) {
    const std::uint16_t size = in_.u16();
    text = std::string(as_text(in_.span(size)));
  }
  // One byte that is 0 or `bit`.
  bool flag(std::uint8_t bit) {
    const std::uint8_t byte = in_.u8();
    if (byte != 0 && byte != bit) in_.fail();
    return byte != 0;
  }
  void get(Window& window) {
    window.from.ticks = in_.u64();
    window.until.ticks = in_.u64();
  }
  void get(Match& match) {
    for (std::string* part : {&match.name, &match.site, &match.domain, &match.role}) get(*part);
  }
  void get(Zone& zone) {
    get(zone.name);
    zone.updates = static_cast<Updates>(in_.u8());
    each(zone.writers, limits_.writers, [&](std::string& writer) { get(writer); });
    each(zone.names, limits_.names, [&](ServiceName& name) {
      get(name.domain);
      name.owner = in_.u32();
      name.other_records = flag(kOtherRecords);
      each(name.records, limits_.records, [&](SrvRecord& record) {
        get(record.host);
        record.port = in_.u16();
        record.priority = in_.u16();
        record.weight = in_.u16();
        record.ttl = in_.u32();
        record.owner = in_.u32();
        record.written.ticks = in_.u64();
      });
    });
  }
  void get(Fault& fault) {
    get(fault.name);
    fault.kind = static_cast<FaultKind>(in_.u8());
    get(fault.who);
    get(fault.at);
    get(fault.window);
    fault.one_in = in_.u32();
    fault.share = static_cast<Share>(in_.u8());
    fault.seed = in_.u64();
    fault.skew = static_cast<std::int32_t>(in_.u32());
  }

  ByteReader in_;
  const Limits& limits_;
};

}  // namespace

Bytes encode(const Model& model) {
  if (model == Model{}) return {};
  Writer out;
  out.whole(model);
  return out.take();
}

Result<Model> decode(ByteSpan bytes, const Limits& limits) {
  if (bytes.empty()) return Model{};
  if (bytes.size() > limits.bytes)
    return fail(HResult::kErrorInvalidData, "the network is too large",
                SourcePos{limits.bytes, 0, 0});
  return Reader(bytes, limits).whole();
}

Result<Bytes> change(ByteSpan before, FunctionRef<Result<>(Model&)> change) {
  SL_TRY(Model model, decode(before));
  SL_CHECK(change(model));
  SL_CHECK(check(model));
  return encode(model);
}

}  // namespace slwmi::world::net
