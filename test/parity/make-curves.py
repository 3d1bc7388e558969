"""Writes fixtures/curves.json: the first hundred losses of each shipped example in PyTorch, for curves.test.ts. By hand:

    node test/parity/write-curves.mjs FOLDER
    python3 test/parity/make-curves.py FOLDER [NAME...]

With names only those curves are made anew. FOLDER holds the first weights, the batches and the drawn noise of a run of
ours; only their hash goes into the fixture, and the test makes them again. The networks are written down here once more,
from their drawings, as PyTorch modules; names of modules are those of the blocks, so that weights find their places.
Everything is computed in float64.
"""
import json
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(2)
STEPS = 100


def first(x):
    return x.permute(0, 3, 1, 2)


def flat(x):
    # Height, width, channels, as our Flatten has them.
    return x.permute(0, 2, 3, 1).flatten(1)


def half(y, t):
    return 0.5 * F.mse_loss(y, t)


def classes(y, t):
    return F.cross_entropy(y, t[:, 0].long())


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.line = nn.Linear(1, 1)

    def forward(self, x, t, noise):
        return half(self.line(x), t)


class And(nn.Module):
    def __init__(self):
        super().__init__()
        self.neuron = nn.Linear(2, 1)

    def forward(self, x, t, noise):
        return half(torch.sigmoid(self.neuron(x)), t)


class SoftmaxRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.kinds = nn.Linear(4, 3)

    def forward(self, x, t, noise):
        return classes(self.kinds(x), t)


class Iris(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.species = nn.Linear(4, 16), nn.Linear(16, 3)

    def forward(self, x, t, noise):
        return classes(self.species(F.relu(self.hidden(x))), t)


class Xor(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.classes = nn.Linear(2, 8), nn.Linear(8, 2)

    def forward(self, x, t, noise):
        return classes(self.classes(torch.tanh(self.hidden(x))), t)


class XorBinary(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.answer = nn.Linear(2, 8), nn.Linear(8, 1)

    def forward(self, x, t, noise):
        return F.binary_cross_entropy_with_logits(self.answer(torch.tanh(self.hidden(x))), t)


class XorRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.output = nn.Linear(2, 8), nn.Linear(8, 1)

    def forward(self, x, t, noise):
        return half(torch.sigmoid(self.output(torch.tanh(self.hidden(x)))), t)


class Spiral(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1, self.hidden2, self.classes = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 2)

    def forward(self, x, t, noise):
        return classes(self.classes(torch.tanh(self.hidden2(torch.tanh(self.hidden1(x))))), t)


class Sine(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1, self.hidden2, self.y = nn.Linear(1, 32), nn.Linear(32, 32), nn.Linear(32, 1)

    def forward(self, x, t, noise):
        return F.mse_loss(self.y(torch.tanh(self.hidden2(torch.tanh(self.hidden1(x))))), t)


class DeepSine(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        widths = [1, 10, 20, 40, 80, 40, 20, 10]
        for i in range(7):
            setattr(self, 'fc%d' % (i + 1), nn.Linear(widths[i], widths[i + 1]))
        self.y = nn.Linear(10, 1)

    def forward(self, x, t, noise):
        for i in range(7):
            x = self.function(getattr(self, 'fc%d' % (i + 1))(x))
        return half(self.y(x), t)


class Icons4(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.kinds = nn.Conv2d(1, 8, 3, padding=1), nn.Linear(8, 2)

    def forward(self, x, t, noise):
        return classes(self.kinds(F.leaky_relu(self.conv(first(x)), 0.1).mean((2, 3))), t)


class Icons8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.kinds = nn.Conv2d(1, 16, 3), nn.Conv2d(16, 16, 3, padding=1), nn.Linear(16, 4)

    def forward(self, x, t, noise):
        h = F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(first(x)), 0.1)), 0.1)
        return classes(self.kinds(F.max_pool2d(h, 6).flatten(1)), t)


class StrokeDigits(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 5)
        self.hidden, self.digits = nn.Linear(256, 64), nn.Linear(64, 10)

    def forward(self, x, t, noise):
        h = F.max_pool2d(F.relu(self.conv1(first(x))), 2)
        h = F.max_pool2d(F.relu(self.conv2(h)), 2)
        return classes(self.digits(F.relu(self.hidden(flat(h)))), t)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c3, self.c5 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.f6, self.digits = nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x, t, noise):
        h = F.max_pool2d(F.relu(self.c1(first(x))), 2)
        h = F.max_pool2d(F.relu(self.c3(h)), 2)
        h = flat(F.relu(self.c5(h)))
        return classes(self.digits(F.relu(self.f6(h))), t)


class InceptionModule(nn.Module):
    def __init__(self, channels, one, reduce3, three, reduce5, five, pool):
        super().__init__()
        self.conv1x1 = nn.Conv2d(channels, one, 1)
        self.reduce3x3, self.conv3x3 = nn.Conv2d(channels, reduce3, 1), nn.Conv2d(reduce3, three, 3, padding=1)
        self.reduce5x5, self.conv5x5 = nn.Conv2d(channels, reduce5, 1), nn.Conv2d(reduce5, five, 5, padding=2)
        self.poolProj = nn.Conv2d(channels, pool, 1)

    def forward(self, x):
        return torch.cat([
            F.relu(self.conv1x1(x)),
            F.relu(self.conv3x3(F.relu(self.reduce3x3(x)))),
            F.relu(self.conv5x5(F.relu(self.reduce5x5(x)))),
            F.relu(self.poolProj(F.max_pool2d(x, 3, 1, 1))),
        ], 1)


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.inception1 = InceptionModule(1, 4, 4, 4, 2, 2, 2)
        self.inception2 = InceptionModule(12, 4, 6, 6, 2, 3, 3)
        self.inception3 = InceptionModule(16, 4, 6, 6, 2, 3, 3)
        self.hidden, self.digits = nn.Linear(784, 140), nn.Linear(140, 10)

    def forward(self, x, t, noise):
        h = F.max_pool2d(self.inception1(first(x)), 2)
        h = F.max_pool2d(self.inception2(h), 2)
        return classes(self.digits(F.relu(self.hidden(flat(self.inception3(h))))), t)


class ResidualModule(nn.Module):
    """With a convolution on its shortcut the others have biases, as their composites are drawn."""

    def __init__(self, channels, filters, shortcut=False):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, padding=1, bias=shortcut)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=shortcut)
        self.norm1, self.norm2 = nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)
        self.shortcut = nn.Conv2d(channels, filters, 1) if shortcut else nn.Identity()

    def forward(self, x):
        h = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(h + self.shortcut(x))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.residual1, self.residual2 = ResidualModule(8, 8), ResidualModule(8, 8)
        self.residual3, self.residual4 = ResidualModule(8, 16, True), ResidualModule(16, 16)
        self.digits = nn.Linear(16, 10)

    def forward(self, x, t, noise):
        h = F.max_pool2d(F.relu(self.norm(self.stem(first(x)))), 2)
        h = F.max_pool2d(self.residual2(self.residual1(h)), 2)
        return classes(self.digits(self.residual4(self.residual3(h)).mean((2, 3))), t)


class IconAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.shrink1, self.code = nn.Conv2d(1, 16, 2), nn.Conv2d(16, 2, 2)
        self.grow1, self.grow2 = nn.ConvTranspose2d(2, 16, 2), nn.ConvTranspose2d(16, 1, 2)

    def forward(self, x, t, noise):
        code = self.code(F.leaky_relu(self.shrink1(first(x)), 0.1))
        return half(self.grow2(F.leaky_relu(self.grow1(code), 0.1)), first(x))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.shrink1, self.shrink2 = nn.Conv2d(1, 8, 3, 2), nn.Conv2d(8, 4, 3, 2)
        self.grow1 = nn.ConvTranspose2d(4, 8, 3, 2, 1, 1)
        self.grow2 = nn.ConvTranspose2d(8, 1, 3, 2, 1, 1)

    def forward(self, x, t, noise):
        x = first(x)
        # With a stride of two the odd pixel goes behind.
        h = F.relu(self.shrink1(F.pad(x, (0, 1, 0, 1))))
        h = F.relu(self.shrink2(F.pad(h, (0, 1, 0, 1))))
        return F.mse_loss(self.grow2(F.relu(self.grow1(h))), x)


class Latent(nn.Module):
    def __init__(self, features, size):
        super().__init__()
        self.mean, self.logVariance = nn.Linear(features, size), nn.Linear(features, size)


class VariationalAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.shrink, self.latent, self.spread = nn.Conv2d(1, 16, 2), Latent(64, 2), nn.Linear(2, 64)
        self.grow1, self.grow2 = nn.ConvTranspose2d(64, 16, 2), nn.ConvTranspose2d(16, 1, 2)

    def forward(self, x, t, noise):
        x = first(x)
        h = flat(F.leaky_relu(self.shrink(x), 0.1))
        mean, log_variance = self.latent.mean(h), self.latent.logVariance(h)
        z = mean + (log_variance / 2).exp() * noise
        h = F.leaky_relu(self.spread(z), 0.1)[:, :, None, None]
        y = self.grow2(F.leaky_relu(self.grow1(h), 0.1))
        own = torch.distributions.Normal(mean, (log_variance / 2).exp())
        divergence = torch.distributions.kl_divergence(own, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()
        return 9 * half(y, x) + divergence


class Sequence(nn.Module):
    def __init__(self, name, cell, features, answer):
        super().__init__()
        setattr(self, name, cell(features, 24, batch_first=True))
        setattr(self, answer, nn.Linear(24, 1))
        self.names = name, answer

    def forward(self, x, t, noise):
        cell, answer = (getattr(self, name) for name in self.names)
        return F.mse_loss(answer(cell(x)[0][:, -1]), t)


def cosine(epochs, warmup=1):
    def factor(step, steps_per_epoch):
        return min(1, (step + 1) / warmup) * (1 + math.cos(math.pi * step / (epochs * steps_per_epoch))) / 2
    return factor


def constant(step, steps_per_epoch):
    return 1


# Network, rate of Adam, its schedule, batches of an epoch; largest norm of all gradients together, epsilon of Adam.
def use(model, rate, schedule, steps_per_epoch, most=None, epsilon=1e-8):
    return model, rate, schedule, steps_per_epoch, most, epsilon


networks = {
    'and': use(And(), 0.5, constant, 18),
    'autoencoder': use(Autoencoder(), 0.003, constant, 75),
    'gru-adding': use(Sequence('gru', nn.GRU, 2, 'sum'), 0.01, cosine(15), 80, most=1),
    'icon-autoencoder': use(IconAutoencoder(), 0.01, constant, 10),
    'icons-4x4': use(Icons4(), 0.02, constant, 2),
    'icons-8x8': use(Icons8(), 0.01, constant, 11),
    'inception': use(Inception(), 0.003, cosine(9, 100), 43, epsilon=1e-3),
    'iris': use(Iris(), 0.01, constant, 8),
    'lenet-5': use(LeNet5(), 0.003, cosine(9), 43, epsilon=1e-4),
    'linear-regression': use(Linear(), 0.1, cosine(9), 27),
    'lstm-adding': use(Sequence('lstm', nn.LSTM, 2, 'sum'), 0.01, cosine(15), 80, most=1),
    'residual': use(Residual(), 0.003, cosine(10, 100), 50, epsilon=1e-3),
    'rnn-forecast': use(Sequence('rnn', nn.RNN, 1, 'next'), 0.003, cosine(30), 50, most=1),
    'sine': use(Sine(), 0.005, constant, 25),
    'sine-leaky-relu': use(DeepSine(lambda x: F.leaky_relu(x, 0.1)), 0.008, cosine(18), 27),
    'sine-swish': use(DeepSine(F.silu), 0.006, cosine(18), 27),
    'sine-tanh': use(DeepSine(torch.tanh), 0.003, cosine(18), 27),
    'softmax-regression': use(SoftmaxRegression(), 0.05, constant, 8),
    'spiral': use(Spiral(), 0.005, constant, 25),
    'stroke-digits': use(StrokeDigits(), 0.001, constant, 63),
    'variational-autoencoder': use(VariationalAutoencoder(), 0.02, cosine(200), 10),
    'xor': use(Xor(), 0.02, constant, 20),
    'xor-binary': use(XorBinary(), 0.02, constant, 18),
    'xor-regression': use(XorRegression(), 0.15, constant, 18),
}


def read(folder, name):
    with open(os.path.join(folder, name + '.json')) as file:
        header = json.load(file)
    with open(os.path.join(folder, name + '.bin'), 'rb') as file:
        numbers = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).double()
    arrays, place = {}, 0
    for given in header['arrays']:
        size = math.prod(given['shape'])
        arrays[given['name']] = numbers[place:place + size].reshape(given['shape'])
        place += size
    assert place == len(numbers)
    return header['hash'], arrays


def put(model, weights):
    """Matrices are (in, out) with us and (out, in) here; filters (kh, kw, in, out), those of UpConv2D (kh, kw, out, in)."""
    filled = set()

    def fill(module, parameter, values):
        tensor = getattr(module, parameter)
        assert tensor.shape == values.shape, (parameter, tensor.shape, values.shape)
        tensor.data.copy_(values)
        filled.add(id(tensor))

    for name, values in weights.items():
        path, what = name.rsplit('.', 1)
        module = model.get_submodule(path)
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            fill(module, what, values.permute(3, 2, 0, 1) if what == 'weight' else values)
        elif isinstance(module, nn.Linear):
            fill(module, what, values.T if what == 'weight' else values)
        elif isinstance(module, nn.BatchNorm2d):
            theirs = {'scale': 'weight', 'shift': 'bias', 'runningMean': 'running_mean', 'runningVariance': 'running_var'}
            fill(module, theirs[what], values)
        else:
            theirs = {'inputWeight': 'weight_ih_l0', 'recurrentWeight': 'weight_hh_l0', 'bias': 'bias_ih_l0',
                      'recurrentBias': 'bias_hh_l0'}
            fill(module, theirs[what], values.T if 'Weight' in what else values)
    for name, parameter in model.named_parameters():
        if id(parameter) in filled:
            continue
        # The second bias of LSTM and RNN, which adds nothing that the first could not.
        assert name.endswith('bias_hh_l0'), name
        parameter.data.zero_()
        parameter.requires_grad_(False)


FIXTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures', 'curves.json')
folder, *wanted = sys.argv[1:]
curves = {}
if wanted:
    with open(FIXTURE) as file:
        curves = json.load(file)
for name, (model, rate, schedule, steps_per_epoch, most, epsilon) in networks.items():
    if wanted and name not in wanted:
        continue
    hash, arrays = read(folder, name)
    put(model, {key: values for key, values in arrays.items() if key.rsplit('.', 1)[0] not in ('features', 'targets', 'noise')})
    model.train()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=rate, eps=epsilon)
    losses = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group['lr'] = rate * schedule(step, steps_per_epoch)
        optimizer.zero_grad()
        loss = model(arrays['features.%d' % step], arrays['targets.%d' % step], arrays.get('noise.%d' % step))
        loss.backward()
        if most:
            nn.utils.clip_grad_norm_(parameters, most)
        optimizer.step()
        losses.append(float('%.9g' % loss.item()))
    curves[name] = {'hash': hash, 'losses': losses}
    print(name, losses[0], losses[-1])

with open(FIXTURE, 'w') as file:
    json.dump(curves, file, separators=(',', ':'))
    file.write('\n')
