local sqrt = math.sqrt
local bodies = {}
for i = 0, 4 do
  bodies[i] = { x = i * 1.5, y = i * i * 0.25, z = 3.0 - i, vx = 0.01 * i, vy = 0.02, vz = 0.0 - 0.01 * i, mass = 1.0 + i * 0.1 }
end
local function advance(dt)
  for i = 0, 4 do
    local p = bodies[i]
    for k = i + 1, 4 do
      local q = bodies[k]
      local dx, dy, dz = p.x - q.x, p.y - q.y, p.z - q.z
      local d2 = dx * dx + dy * dy + dz * dz + 0.01
      local mag = dt / (d2 * sqrt(d2))
      p.vx = p.vx - dx * q.mass * mag
      p.vy = p.vy - dy * q.mass * mag
      p.vz = p.vz - dz * q.mass * mag
      q.vx = q.vx + dx * p.mass * mag
      q.vy = q.vy + dy * p.mass * mag
      q.vz = q.vz + dz * p.mass * mag
    end
  end
  for i = 0, 4 do
    local p = bodies[i]
    p.x = p.x + dt * p.vx
    p.y = p.y + dt * p.vy
    p.z = p.z + dt * p.vz
  end
end
for i = 1, 250000 do advance(0.001) end
local sum = 0.0
for i = 0, 4 do sum = sum + bodies[i].x + bodies[i].y + bodies[i].z end
local whole = sum * 1000000.0
print(string.format("%d", whole < 0 and math.ceil(whole) or math.floor(whole)))
